/**
 * The matplotlib backend `_figures`, for MPLBACKEND=module://_figures: figures that are shown, or left open at the end of
 * a run, become PNG files in /mnt/data.
 */
export const figuresSource: string = String.raw`import os
from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase as FigureManager
from matplotlib.backends.backend_agg import FigureCanvasAgg

_count = 0


class FigureCanvas(FigureCanvasAgg):
    def print_figure(self, filename, *args, **kwargs):
        figure = self.figure
        is_saved = getattr(figure, "_is_saved", False) and not figure.stale
        result = super().print_figure(filename, *args, **kwargs)
        # A figure that was saved by name need not be saved again, unless it changes.
        figure._is_saved = is_saved or isinstance(filename, (str, os.PathLike))
        figure.stale = False
        return result


FigureCanvas.manager_class = FigureManager


def show(*args, **kwargs):
    """Saves every open figure as PNG under /mnt/data and closes it."""
    global _count
    for manager in Gcf.get_all_fig_managers():
        figure = manager.canvas.figure
        if figure.stale or not getattr(figure, "_is_saved", False):
            name = None
            while name is None or os.path.lexists(name):
                _count += 1
                name = f"/mnt/data/figure-{_count}.png"
            figure.savefig(name, format="png", bbox_inches="tight")
    Gcf.destroy_all()
`;
