package kernel

import "math"

// elementaryReferences computes in other ways than the kernels, where there are others.
var elementaryReferences = []reference{
	{"Expm1", unary(math.Expm1), 4, nil, one(Expm1[float32]), one(Expm1[float64])},
	{"Log1p", unary(math.Log1p), 3, nil, one(Log1p[float32]), one(Log1p[float64])},
	{"Sinh", unary(math.Sinh), 2, nil, one(Sinh[float32]), one(Sinh[float64])},
	{"Cosh", unary(math.Cosh), 2, nil, one(Cosh[float32]), one(Cosh[float64])},
	{"Erf", unary(math.Erf), 10, nil, one(Erf[float32]), one(Erf[float64])},
	{"Tan", unary(math.Tan), 2, nil, one(Tan[float32]), one(Tan[float64])},
	{"Asin", unary(func(v float64) float64 {
		return 2 * math.Atan(v/(1+math.Sqrt((1-v)*(1+v))))
	}), 8, nil, one(Asin[float32]), one(Asin[float64])},
	{"Acos", unary(func(v float64) float64 {
		half := math.Asin(math.Sqrt((1 - math.Abs(v)) / 2))
		if v < 0 {
			return math.Pi - 2*half
		}
		return 2 * half
	}), 8, nil, one(Acos[float32]), one(Acos[float64])},
	{"Atan", unary(math.Atan), 2, nil, one(Atan[float32]), one(Atan[float64])},
	{"Atan2", first(func(x, _ [3]float64) float64 { return math.Atan2(x[1], x[2]) }), 2, nil, ignore(Atan2[float32]), ignore(Atan2[float64])},
	{"Pow", first(func(x, _ [3]float64) float64 { return math.Pow(x[1], x[2]) }), 2, nil, ignore(Pow[float32]), ignore(Pow[float64])},
}
