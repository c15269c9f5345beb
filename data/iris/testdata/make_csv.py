"""Writes iris.csv from the table that scikit-learn brings along.

    pip install scikit-learn==1.9.1
    python make_csv.py
"""

import os

from sklearn.datasets import load_iris

iris = load_iris()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "iris.csv"), "w") as f:
    print("sepal length,sepal width,petal length,petal width,species", file=f)
    for row, species in zip(iris.data, iris.target):
        print(*row, iris.target_names[species], sep=",", file=f)
