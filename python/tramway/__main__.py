"""``python -m tramway``: the command line."""

from tramway.cli.main import main

if __name__ == "__main__":
    main(prog_name="tramway")
