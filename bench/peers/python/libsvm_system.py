"""LIBSVM through its own Python package: RBF kernel, C = 1, gamma as scikit-learn's "scale". Its arrays of nodes are made before the clock
starts."""

from importlib.metadata import version

from libsvm.svm import libsvm, svm_parameter, svm_problem, toPyModel
from scipy.sparse import csr_matrix

from protocol import Run


def fitting(x, y):
    """A function that fits."""
    problem, parameter = svm_problem(y.astype(float), csr_matrix(x)), svm_parameter(f"-q -c 1 -g {1 / (x.shape[1] * float(x.var()))!r} -e 0.001")
    return lambda: toPyModel(libsvm.svm_train(problem, parameter))


def fit(run, name, rest):
    x, y = run.samples(rest)
    run.measure(name, fitting(x, y), warm=fitting(x[:1000], y[:1000]), count=run.count_of_fits(x))


def predict(run, name, rest):
    train = fitting(*run.samples("60000x32"))  # a model points into its samples
    model, tests = train(), run.tests()
    nodes = svm_problem([0.0] * len(tests), csr_matrix(tests))
    some = lambda n: [int(libsvm.svm_predict(model, nodes.x[i])) for i in range(n)]
    run.print_predictions(name, some(len(tests)))
    run.measure(name, lambda: some(len(tests)), warm=lambda: some(100), count=1)


def memory(run, name, rest):
    fitting(*run.samples(rest))()
    run.print_peak_memory(name)


Run(f"libsvm {version('libsvm-official')}").each({"SVCFit": fit, "SVCPredict": predict, "SVCMemory": memory})
