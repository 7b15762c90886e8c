package vault

import (
	"context"

	"adili/internal/kernel/storage"
)

// All SQL of the package stands in this file. Its tables are made by package
// survey.

// States of a node's answer files.
const (
	Taking    = "open"      // it takes answers, or took some and has not delivered them
	GivenUp   = "forgotten" // it was given up for lost
	ToDiscard = "discard"   // its files are to be destroyed

	stateDelivered = "delivered"
)

// Node is a node that has answer files of a round.
type Node struct {
	Name  string
	box   string
	state string
}

// Delivered reports whether the node's answers lie in the shared store.
func (n Node) Delivered() bool { return n.state == stateDelivered }

// Forgotten reports whether the node was given up for lost.
func (n Node) Forgotten() bool { return n.state == GivenUp }

func scanNode(row storage.Row) (n Node, err error) {
	return n, row.Scan(&n.Name, &n.box, &n.state)
}

func boxesOf(ctx context.Context, q storage.Querier, round string) ([]Node, error) {
	return storage.All(ctx, q, scanNode, `SELECT node, box, state FROM answer_box WHERE round_id = $1 ORDER BY node`, round)
}

func boxOf(ctx context.Context, q storage.Querier, round, node string) (Node, error) {
	return storage.One(ctx, q, scanNode, `SELECT node, box, state FROM answer_box WHERE round_id = $1 AND node = $2`, round, node)
}

// ownBoxes gives the states of a node's answer files by round.
func ownBoxes(ctx context.Context, q storage.Querier, node string) (map[string]string, error) {
	type own struct{ round, state string }
	all, err := storage.All(ctx, q, func(row storage.Row) (o own, err error) {
		return o, row.Scan(&o.round, &o.state)
	}, `SELECT round_id, state FROM answer_box WHERE node = $1`, node)
	states := make(map[string]string, len(all))
	for _, o := range all {
		states[o.round] = o.state
	}
	return states, err
}

func insertBox(ctx context.Context, tx storage.Querier, round, node, box string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO answer_box (round_id, node, box, state) VALUES ($1, $2, $3, 'open')`, round, node, box)
	return err
}

// setDelivered takes a node's files as delivered, also those of one that was
// given up too early.
func setDelivered(ctx context.Context, tx storage.Querier, round, node string) error {
	_, err := tx.ExecContext(ctx, `UPDATE answer_box SET state = 'delivered'
		WHERE round_id = $1 AND node = $2 AND state IN ('open', 'forgotten')`, round, node)
	return err
}

func setForgotten(ctx context.Context, tx storage.Querier, round, node string) (bool, error) {
	res, err := tx.ExecContext(ctx, `UPDATE answer_box SET state = 'forgotten' WHERE round_id = $1 AND node = $2 AND state = 'open'`, round, node)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func setDiscard(ctx context.Context, tx storage.Querier, round string) error {
	_, err := tx.ExecContext(ctx, `UPDATE answer_box SET state = 'discard' WHERE round_id = $1`, round)
	return err
}

func deleteBox(ctx context.Context, tx storage.Querier, round, node string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM answer_box WHERE round_id = $1 AND node = $2`, round, node)
	return err
}

func deleteForgotten(ctx context.Context, tx storage.Querier, round string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM answer_box WHERE round_id = $1 AND state = 'forgotten'`, round)
	return err
}

// nodesToAsk lists the other nodes that are taking answers.
func nodesToAsk(ctx context.Context, q storage.Querier, node string) ([]string, error) {
	return storage.All(ctx, q, func(row storage.Row) (name string, err error) { return name, row.Scan(&name) },
		`SELECT DISTINCT node FROM answer_box WHERE node <> $1 AND state = 'open' ORDER BY node`, node)
}

func insertRequest(ctx context.Context, tx storage.Querier, node, request string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO copy_request (node, request, state) VALUES ($1, $2, 'asked')`, node, request)
	return err
}

func deleteRequests(ctx context.Context, tx storage.Querier) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM copy_request`)
	return err
}

// request is a wish for copies.
type request struct{ node, id, state string }

func scanRequest(row storage.Row) (r request, err error) {
	return r, row.Scan(&r.node, &r.id, &r.state)
}

func loadRequests(ctx context.Context, q storage.Querier) ([]request, error) {
	return storage.All(ctx, q, scanRequest, `SELECT node, request, state FROM copy_request ORDER BY node`)
}

func loadRequest(ctx context.Context, q storage.Querier, node string) (request, error) {
	return storage.One(ctx, q, scanRequest, `SELECT node, request, state FROM copy_request WHERE node = $1`, node)
}

func moveRequest(ctx context.Context, tx storage.Querier, r request, state string) (bool, error) {
	res, err := tx.ExecContext(ctx, `UPDATE copy_request SET state = $4 WHERE node = $1 AND request = $2 AND state = $3`, r.node, r.id, r.state, state)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func refuseLate(ctx context.Context, tx storage.Querier) error {
	_, err := tx.ExecContext(ctx, `UPDATE copy_request SET state = 'resumed' WHERE state = 'asked'`)
	return err
}

func resumeRequest(ctx context.Context, tx storage.Querier, node string) error {
	_, err := tx.ExecContext(ctx, `UPDATE copy_request SET state = 'resumed' WHERE node = $1`, node)
	return err
}
