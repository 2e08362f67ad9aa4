package sandbox

// item applies one item of a job. An error is the database's.
func (j *job) item(t *tx, i int) (result, error) {
	var v value
	if len(j.items) > 0 {
		v = j.items[min(i, len(j.items)-1)] // bulkChange has one for all
	}
	if j.things != "" {
		return j.thing(t, v, i)
	}
	bodies := j.s.bodies.Load()
	switch j.act {
	case bulkCreate:
		return j.outcome(v.get("_clientRef"), "created", func() (*record, *refusal, error) {
			if refused := j.unfit(v, bodies.bulkCreate); refused != nil {
				return nil, refused, nil
			}
			return j.s.create(t, v, bodies.bulkCreate, j.author)
		})
	case bulkUpdate:
		return j.outcome(v.get("_clientRef"), "updated", func() (*record, *refusal, error) {
			if refused := j.unfit(v, bodies.bulkUpdate); refused != nil {
				return nil, refused, nil
			}
			return j.s.update(t, j.s.store.seed.row(customerKind, v.get("id").string()), v, bodies.bulkUpdate, false, j.author)
		})
	case bulkChange:
		return j.outcome(value{}, "updated", func() (*record, *refusal, error) {
			return j.s.update(t, j.s.store.seed.row(customerKind, j.ids[i]), v, bodies.bulkChange, false, j.author)
		})
	case bulkConversation:
		return j.described(t, v, bodies.conversationItem)
	default:
		return j.outcome(value{}, "deleted", func() (*record, *refusal, error) {
			return j.s.remove(t, j.s.store.seed.row(customerKind, j.ids[i]))
		})
	}
}

// unfit is why an item breaks the schema, nil when it does not or when the whole request was held to it already.
func (j *job) unfit(v value, r *rule) *refusal {
	if !j.s.switches.SchemaErrorsPerItem {
		return nil
	}
	if found := j.s.checker.check(v, r, ""); found != nil {
		return found.refusal("")
	}
	return nil
}

func (j *job) outcome(ref value, status string, apply func() (*record, *refusal, error)) (result, error) {
	one, refused, err := apply()
	switch {
	case err != nil:
		return result{}, err
	case refused != nil:
		return result{ref: ref, status: "error", err: refused.text()}, nil
	}
	return result{ref: ref, status: status, id: j.s.store.seed.id(customerKind, one.row)}, nil
}

// described applies one item that is about a conversation.
func (j *job) described(t *tx, v value, r *rule) (result, error) {
	refused := j.unfit(v, r)
	var one *conversation
	if refused == nil {
		var err error
		if one, refused, err = j.s.describe(t, v.get("id").string(), v, r, false); err != nil {
			return result{}, err
		}
	}
	if refused != nil {
		return result{ref: v.get("_clientRef"), status: "error", err: refused.text()}, nil
	}
	return result{ref: v.get("_clientRef"), status: "updated", id: one.id}, nil
}
