#pragma once

#include <cstdint>

namespace hexaplex {

// Elementary functions from + - * / alone, so that a coefficient or a score has the same bits with every C library and
// at every ISA level. For tables and per-object work, not for pixels. docs/numerics.md explains.

/// The natural logarithm of 10.
inline constexpr double kLn10 = 2.302585092994045684;

/// Natural logarithm of x > 0, relative error below 1e-15 (x = 1 gives exactly 0).
/// Source: log(m 2^e) = e ln 2 + 2 artanh((m - 1) / (m + 1)), m in [sqrt(1/2), sqrt(2)), series of artanh.
double exact_log(double x);

/// e^x for |x| <= 700, relative error below 1e-14.
/// Source: e^x = 2^k e^r with |r| <= ln(2) / 2, Taylor series of e^r.
double exact_exp(double x);

/// Cube-root-free power: x^y = e^(y ln x) for x > 0; relative error below 1e-13 for results in 1e-30..1e30.
double exact_pow(double x, double y);

/// Angle of (x, y) in -pi..pi, as atan2 gives it; relative error below 1e-15 and exact at multiples of a quarter turn.
/// (0, 0) gives 0. Source: series of the arctangent on |t| <= tan(pi / 8), after atan(t) = pi/4 - atan((1-t)/(1+t)).
double exact_atan2(double y, double x);

}  // namespace hexaplex
