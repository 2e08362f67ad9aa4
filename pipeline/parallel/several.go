package parallel

import "golang.org/x/sync/errgroup"

// Several does n things, at most so many at a time, and returns when all are done. A panic of one is its error and
// nobody else's; the first error is returned.
func Several(n, most int, do func(i int) error) error {
	var all errgroup.Group
	all.SetLimit(max(1, most))
	for i := range n {
		all.Go(Guarded(func() error { return do(i) }))
	}
	return all.Wait()
}
