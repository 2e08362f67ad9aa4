package source

import "strings"

// tree is which keys stand where in the records of a file, and which column each has. Once a Reader holds
// it, it does not change.
type tree struct {
	nodes []node // the first one is the record itself
	index map[edge]int32
	names []string // of the columns: dotted paths
}

// node is one key in one place.
type node struct {
	name        string
	parent      int32
	column      int32 // -1: only objects stood here
	first, last int32 // its keys in order of appearance; 0: none
	next        int32 // of the same object: the key to expect next
	path        int32 // bytes of the dotted path
	plain       bool  // the name reads the same between quotes
}

type edge struct {
	parent int32
	name   string
}

func newTree() *tree { return &tree{nodes: []node{{column: -1}}} }

// shoots is a tree that may grow over a fixed one for the length of a chunk.
type shoots struct {
	base  *tree
	nodes []node // base's, or own once a node is added or changed
	own   []node
	index map[edge]int32 // of the nodes that are not base's
	names []string       // of the columns behind base's
	owner []int32        // the node of each of these columns
}

// regrow forgets what grew.
func (t *shoots) regrow(base *tree) {
	t.base, t.nodes = base, base.nodes
	t.names, t.owner = t.names[:0], t.owner[:0]
	clear(t.index)
}

// width is how many columns there are.
func (t *shoots) width() int { return len(t.base.names) + len(t.names) }

// child finds a key, 0 if it is not known there.
func (t *shoots) child(parent int32, key []byte) int32 {
	if id, ok := t.base.index[edge{parent, string(key)}]; ok {
		return id
	}
	return t.index[edge{parent, string(key)}]
}

// change makes nodes writable.
func (t *shoots) change() {
	if len(t.nodes) > 0 && len(t.own) > 0 && &t.nodes[0] == &t.own[0] {
		return
	}
	t.own = append(t.own[:0], t.base.nodes...)
	t.nodes = t.own
}

// add makes a new key under parent.
func (t *shoots) add(parent int32, name string) int32 {
	t.change()
	id := int32(len(t.nodes))
	plain := !strings.ContainsFunc(name, func(r rune) bool { return r == '"' || r == '\\' || r < ' ' })
	t.own = append(t.nodes, node{
		name: name, parent: parent, column: -1, plain: plain,
		path: t.nodes[parent].path + 1 + int32(len(name)),
	})
	t.nodes = t.own
	if last := t.nodes[parent].last; last != 0 {
		t.nodes[last].next = id
	} else {
		t.nodes[parent].first = id
	}
	t.nodes[parent].last = id
	if t.index == nil {
		t.index = make(map[edge]int32)
	}
	t.index[edge{parent, name}] = id
	return id
}

// addColumn gives node id the next column.
func (t *shoots) addColumn(id int32) int32 {
	t.change()
	column := int32(t.width())
	t.nodes[id].column = column
	t.names = append(t.names, t.path(id))
	t.owner = append(t.owner, id)
	return column
}

func (t *shoots) path(id int32) string {
	n := t.nodes[id]
	if n.parent == 0 {
		return n.name
	}
	return t.path(n.parent) + "." + n.name
}

// prune takes back what a record added that turned out to be none: all but the first nodes and columns.
func (t *shoots) prune(nodes, columns int) {
	for i := len(t.names) - 1; i >= columns; i-- {
		t.nodes[t.owner[i]].column = -1
	}
	t.names, t.owner = t.names[:columns], t.owner[:columns]
	if len(t.nodes) == nodes {
		return
	}
	for i := len(t.nodes) - 1; i >= nodes; i-- {
		delete(t.index, edge{t.nodes[i].parent, t.nodes[i].name})
	}
	t.nodes = t.nodes[:nodes]
	t.own = t.nodes
	for i := range t.nodes {
		n := &t.nodes[i]
		n.first, n.last, n.next = pruned(n.first, nodes), pruned(n.last, nodes), pruned(n.next, nodes)
	}
	// A parent's last key may have been taken: it is the last one that is left.
	for i := 1; i < nodes; i++ {
		t.nodes[t.nodes[i].parent].last = int32(i)
	}
}

func pruned(id int32, nodes int) int32 {
	if int(id) >= nodes {
		return 0
	}
	return id
}

// fixed is the tree as it has grown, for good.
func (t *shoots) fixed() *tree {
	all := &tree{nodes: append([]node(nil), t.nodes...), index: make(map[edge]int32, len(t.nodes))}
	for i := 1; i < len(all.nodes); i++ {
		all.index[edge{all.nodes[i].parent, all.nodes[i].name}] = int32(i)
	}
	all.names = append(append(all.names, t.base.names...), t.names...)
	return all
}
