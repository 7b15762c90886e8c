// Package graded fits Samejima's graded response model, an item response model for ordered answers.
//
// # The idea
//
// Every person has a trait θ, standard normal in the population, and an item separates people with a low trait from those
// with a high one at its difficulties b_1 < b_2 < ..., the better the larger its discrimination a:
//
//	P(answer above category k) = 1 / (1 + exp(-a (θ - b_k)))
//
// An item whose difficulties all lie below -2 says nothing about anybody but the least content; one with a small a says
// little about anybody. This is what the model is for: choosing and mending items. The one-factor model of package
// factormodel is the same with a normal curve, fitted to pairs of items; this one uses whole patterns of answers.
//
// # Where programs disagree
//
// Everyone maximises the same likelihood, and stops at another distance from the maximum; [Fit] goes all the way. Programs
// also print other parameters for the same curve: intercepts d_k = -a b_k (package mirt of R), or a divided by 1.702. The
// trait is integrated over a fixed grid here; an adaptive one gives the same up to about 1e-6 with these points.
package graded
