package report

// heap is a binary heap: items[0] is the one that is before all others. (container/heap would box every item.)
type heap[T any] struct {
	items  []T
	before func(a, b *T) bool
}

func (h *heap[T]) push(item T) {
	h.items = append(h.items, item)
	i := len(h.items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !h.before(&h.items[i], &h.items[parent]) {
			return
		}
		h.items[i], h.items[parent] = h.items[parent], h.items[i]
		i = parent
	}
}

// drop takes the first item out.
func (h *heap[T]) drop() {
	last := len(h.items) - 1
	var none T
	h.items[0] = h.items[last]
	h.items[last] = none
	h.items = h.items[:last]
	if last > 0 {
		h.fix()
	}
}

// fix puts the first item, which has changed, where it belongs.
func (h *heap[T]) fix() {
	i, n := 0, len(h.items)
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
			if h.before(&h.items[child], &h.items[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h.items[i], h.items[least] = h.items[least], h.items[i]
		i = least
	}
}
