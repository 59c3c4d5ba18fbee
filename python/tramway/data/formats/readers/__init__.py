"""One file per format; :mod:`tramway.data.formats.registry` lists them."""
