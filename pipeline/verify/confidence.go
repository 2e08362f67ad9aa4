package verify

import "math"

// confidence is how sure the bound of a sample is: one sample in twenty may be luckier than this.
const confidence = 0.95

// atMost is the greatest number of bad things among total that leaves a sample of n with no more than
// bad of them a chance above 1-confidence: the exact upper bound, from the hypergeometric distribution.
// With no bad one among n of very many it is the rule of three, 3/n of them.
func atMost(total, n, bad int64) int64 {
	if n >= total {
		return bad
	}
	low, high := bad, total-(n-bad) // low is possible, whatever the chance
	for low < high {
		middle := low + (high-low+1)/2
		if chanceOf(total, n, bad, middle) > 1-confidence {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// chanceOf is how likely at most bad of n are bad when all bad ones among total are k.
func chanceOf(total, n, bad, k int64) float64 {
	sum := 0.0
	for i := max(0, n-(total-k)); i <= min(bad, k); i++ {
		sum += math.Exp(logChoose(k, i) + logChoose(total-k, n-i) - logChoose(total, n))
	}
	return sum
}

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int64) float64 {
	return logFactorial(n) - logFactorial(k) - logFactorial(n-k)
}

func logFactorial(n int64) float64 {
	l, _ := math.Lgamma(float64(n) + 1)
	return l
}
