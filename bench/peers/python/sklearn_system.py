"""The support vector machine of scikit-learn, with its own settings but for those that are said: RBF kernel, C = 1, gamma by "scale"."""

import sklearn
from sklearn.svm import SVC

from protocol import Run


def fit(run, name, rest):
    x, y = run.samples(rest)
    run.measure(name, lambda: SVC().fit(x, y), warm=lambda: SVC().fit(x[:1000], y[:1000]), count=run.count_of_fits(x))


def predict(run, name, rest):
    x, y = run.samples("60000x32")
    model, tests = SVC().fit(x, y), run.tests()
    run.print_predictions(name, model.predict(tests))
    run.measure(name, lambda: model.predict(tests), warm=lambda: model.predict(tests[:100]), count=1)


def memory(run, name, rest):
    SVC().fit(*run.samples(rest))
    run.print_peak_memory(name)


Run(f"scikit-learn {sklearn.__version__}").each({"SVCFit": fit, "SVCPredict": predict, "SVCMemory": memory})
