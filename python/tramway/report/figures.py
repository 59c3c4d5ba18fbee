"""The figures of a page, empty: the page fills them with the region that is looked at."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bokeh.plotting import figure

PANELS = 6
"""Quantities that are shown at once, at most."""

_SIDE = 240  # pixels of a map, on a telephone, too
_FIELD = 420
_NO_VALUE = "#e0e0e0"
_PALETTES = {
    "diffusivity": "viridis",
    "potential": "plasma",
    "force": "magma",
    "variance ratio": "cividis",
}


def palettes() -> dict[str, list[str]]:
    """Colours of each quantity, from low to high: those of the figures of the package."""
    import bokeh.palettes as known

    return {
        name: list(getattr(known, palette.capitalize() + "256"))
        for name, palette in _PALETTES.items()
    }


def figures() -> "Mapping[str, figure]":
    """Make the figures: the field, and a map with a list of values for each panel.

    Returns
    -------
    dict
        ``field``, ``map 0``, ``values 0``, …; sources in them are found by name.
    """
    from bokeh.models import Range1d

    x_range, y_range = Range1d(0, 1, name="map x"), Range1d(0, 1, name="map y")
    made = {"field": _field()}
    for number in range(PANELS):
        made[f"map {number}"] = _map(number, x_range, y_range)
        made[f"values {number}"] = _values(number)
    return made


def _figure(side: int, height: int, **options: Any) -> "figure":
    from bokeh.plotting import figure

    made = figure(
        frame_width=side,
        frame_height=height,
        toolbar_location=None,
        lod_threshold=None,
        min_border=4,
        **options,
    )
    made.grid.visible = False
    made.outline_line_color = None
    made.axis.axis_line_color = "#666666"
    made.axis.minor_tick_line_color = None
    made.axis.major_tick_line_color = "#666666"
    made.axis.axis_label_text_font_style = "normal"
    made.axis.major_label_text_font_size = "11px"
    return made


def _source(name: str, *columns: str) -> Any:
    from bokeh.models import ColumnDataSource

    return ColumnDataSource({column: [] for column in columns}, name=name)


def _told(call: str) -> Any:
    """Tell the page which glyph is meant, -1 for none."""
    from bokeh.models import CustomJS

    return CustomJS(
        code=f"const i = cb_data.index ? cb_data.index.indices : [];\n"
        f"window.tramway.{call}(i.length ? i[i.length - 1] : -1)"
    )


def _field() -> "figure":
    from bokeh.models import CustomJS, HoverTool, Range1d, TapTool

    field = _figure(
        _FIELD,
        _FIELD,
        x_range=Range1d(0, 1, name="field x"),
        y_range=Range1d(0, 1, name="field y"),
        tools="pan,wheel_zoom,reset",
        x_axis_label="x (µm)",
        y_axis_label="y (µm)",
    )
    field.image_url(
        "url",
        "x",
        "y",
        "width",
        "height",
        source=_source("density", "url", "x", "y", "width", "height"),
        anchor="bottom_left",
    )
    boxes = field.multi_polygons(
        "xs",
        "ys",
        source=_source("boxes", "xs", "ys", "color", "width", "name"),
        fill_color="#1f77b4",
        fill_alpha=0.08,
        line_color="color",
        line_width="width",
        hover_fill_alpha=0.3,
        nonselection_alpha=1,
    )
    boxes.nonselection_glyph = None
    boxes.selection_glyph = None
    field.add_tools(
        HoverTool(renderers=[boxes], tooltips=[("region", "@name")]),
        TapTool(
            renderers=[boxes],
            callback=CustomJS(
                code="const i = cb_data.source.selected.indices;\n"
                "if (i.length) window.tramway.choose_box(i[i.length - 1])"
            ),
        ),
    )
    return field


def _map(number: int, x_range: Any, y_range: Any) -> "figure":
    from bokeh.models import (
        BasicTicker,
        ColorBar,
        CustomJS,
        HoverTool,
        LinearColorMapper,
        TapTool,
    )
    from bokeh.palettes import Viridis3
    from bokeh.transform import transform

    shown = _figure(
        _SIDE, _SIDE, x_range=x_range, y_range=y_range, tools="pan,wheel_zoom,reset", title=" "
    )
    shown.title.text_font_style = "normal"
    shown.title.text_font_size = "13px"
    # Two of them: a bar is painted whenever its own has mapped something, and glyphs do so often;
    # and glyphs are made anew whenever a limit of theirs changes, so that they have shares of it.
    mapper, in_bar = (
        LinearColorMapper(palette=Viridis3, low=0, high=1, nan_color=_NO_VALUE, name=name)
        for name in (f"colors {number}", f"bar colors {number}")
    )
    cells = shown.patches(
        "xs",
        "ys",
        source=_source(f"cells {number}", "xs", "ys", "share"),
        fill_color=transform("share", mapper),
        line_color=transform("share", mapper),
        line_width=0.5,
    )
    islands = shown.patches(
        "xs",
        "ys",
        source=_source(f"islands {number}", "xs", "ys"),
        fill_color="#f2f2f2",
        line_color="#999999",
        line_width=0.5,
        hatch_pattern="right_diagonal_line",
        hatch_color="#999999",
        hatch_scale=6,
        hatch_weight=0.7,
    )
    for renderer in (cells, islands):
        renderer.nonselection_glyph = None
        renderer.selection_glyph = None
    shown.patches(
        "xs",
        "ys",
        source=_source(f"arrows {number}", "xs", "ys"),
        fill_color="white",
        line_color="black",
        line_width=0.4,
    )
    for color, width in (("white", 4.0), ("black", 1.6)):
        shown.multi_line(
            "xs",
            "ys",
            source=_source(f"wells {number} {color}", "xs", "ys"),
            line_color=color,
            line_width=width,
        )
    shown.text(
        "x",
        "y",
        "text",
        source=_source(f"depths {number}", "x", "y", "text"),
        text_align="center",
        text_baseline="bottom",
        text_font_size="12px",
        text_color="black",
        background_fill_color="white",
        background_fill_alpha=0.75,
        y_offset=-2,
    )
    shown.patches(
        "xs",
        "ys",
        source=_source(f"pointed {number}", "xs", "ys"),
        fill_color=None,
        line_color="#ff2d95",
        line_width=3,
    )
    for kind, renderer in (("cells", cells), ("islands", islands)):
        shown.add_tools(
            HoverTool(
                renderers=[renderer], tooltips=None, callback=_told(f"point_of('{kind}', {number})")
            ),
            TapTool(
                renderers=[renderer],
                callback=CustomJS(
                    code="const i = cb_data.source.selected.indices;\n"
                    f"if (i.length) window.tramway.keep_of('{kind}', {number})(i[i.length - 1])"
                ),
            ),
        )
    bar = ColorBar(
        color_mapper=in_bar,
        orientation="horizontal",
        height=10,
        width=_SIDE - 10,
        padding=4,
        ticker=BasicTicker(desired_num_ticks=4),  # as many as have room, with four digits
        major_label_text_font_size="11px",
        name=f"bar {number}",
    )
    shown.add_layout(bar, "below")
    return shown


def _values(number: int) -> "figure":
    """Values of all cells in order, with their error bars."""
    from bokeh.models import HoverTool, Range1d

    shown = _figure(
        _SIDE,
        110,
        x_range=Range1d(0, 1, name=f"rank {number}"),
        y_range=Range1d(0, 1, name=f"value {number}"),
        tools="",
        x_axis_label="cells, by value",
    )
    shown.xaxis.ticker = []  # ranks, which say nothing
    shown.line("x", "y", source=_source(f"errors {number}", "x", "y"), line_color="#888888")
    dots = shown.scatter(
        "x",
        "y",
        source=_source(f"dots {number}", "x", "y"),
        size=3,
        color="black",
        hit_dilation=3,
    )
    shown.scatter(
        "x",
        "y",
        source=_source(f"pointed dot {number}", "x", "y"),
        size=9,
        fill_color="#ff2d95",
        line_color="white",
    )
    shown.add_tools(
        HoverTool(renderers=[dots], tooltips=None, callback=_told(f"point_of('order', {number})"))
    )
    return shown
