package replicate

import (
	"runtime"
	"sync"
)

// share cuts n replicates into as many runs as there are processors and works on them at the same time. A replicate
// belongs to one run, so that results do not depend on the number of runs.
func share(n int, work func(first, last int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() { work(i*n/workers, (i+1)*n/workers) })
	}
	group.Wait()
}

// parallel does one thing for every replicate, and gives the error of the first that failed.
func parallel(n int, one func(r int) error) error {
	failed := make([]error, n)
	share(n, func(first, last int) {
		for r := first; r < last; r++ {
			failed[r] = one(r)
		}
	})
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
