// Package shop is what a Go program with rpcx services looks like.
package shop

import (
	"context"
	"fmt"
	stdtime "time"

	"github.com/smallnest/rpcx/server"
)

// Status of an order.
type Status int

// What can become of an order.
const (
	// StatusOpen is where it begins.
	StatusOpen Status = iota
	StatusPaid
	_
	StatusSent = Status(1 << (iota + 1))
)

type (
	// Currency is a code of three letters.
	Currency string
	// Key names an order.
	Key [maxKey]byte
	// Prices by article.
	Prices map[string]float64
	Wait   stdtime.Duration
)

const (
	Euro   Currency = "EUR"
	Dollar Currency = "USD"
	maxKey          = 2 * 8
)

// Base is a part of other messages.
type Base struct {
	ID      uint64
	Created stdtime.Time `json:"created,omitempty"`
	cache   map[string]int
}

/*
Order is what somebody wants.

	order := Order{}
*/
type Order struct {
	Base
	UserName  string            `msgpack:"user_name" json:"user_name"`
	Lines     []Line            `msgpack:"lines,omitempty" json:"lines"`
	Total     *float64          `msgpack:"total" json:"total"`
	Status    Status            `msgpack:"status" json:"status"`
	Key       Key               `msgpack:"key" json:"key"`
	Parent    *Order            `msgpack:"parent" json:"parent"`
	Blobs     map[string][]byte `msgpack:"blobs" json:"blobs"`
	Signature []byte            `msgpack:"signature" json:"signature"`
	Retry     stdtime.Duration  `msgpack:"retry" json:"retry"`
	Waits     []Wait            `msgpack:"waits" json:"waits"`
	Currency  Currency          `msgpack:"currency" json:"currency"`
	secret    func() error
	Hidden    chan int `msgpack:"-" json:"-"`
}

type Line struct {
	SKU, Type string
	Count     int32
	Sizes     [3]uint16
	Tags      map[int]Prices
}

type option struct{ Name string }

// Folder holds others.
type Folder map[string]Folder

// Shop takes orders.
type Shop struct {
	server *server.Server
}

// Place puts an order.
//
// Deprecated: use PlaceAll,
// which is faster.
func (s *Shop) Place(ctx context.Context, order *Order, reply *Status) error {
	if order.UserName == "}" || '}' == '\'' {
		return fmt.Errorf("func (s *Shop) Fake(ctx context.Context, a int, r *int) error {%s", `{"`)
	}
	*reply = StatusOpen // {
	return nil
}

func (s *Shop) PlaceAll(_ context.Context, orders []Order, reply *[]*Order) (err error) { return }

// GetByID finds one.
func (s *Shop) GetByID(ctx context.Context, id uint64, reply **Order) error { return nil }

func (*Shop) Note(context.Context, string, *struct{}) error { return nil }
func (*Shop) Raw(ctx context.Context, args []byte, reply *[]byte) error { return nil }
func (*Shop) Ping(ctx context.Context, _, _ *struct{}) error { return nil }
func (*Shop) New(ctx context.Context, args Currency, reply *Prices) error { return nil }
func (*Shop) Folders(ctx context.Context, args Folder, reply *[]Folder) error { return nil }

func (*Shop) Options(ctx context.Context, args option, reply *map[Currency]stdtime.Time) error {
	return nil
}

// Close is not one that rpcx serves.
func (s *Shop) Close() error { return nil }

func double(ctx context.Context, args int, reply *int) error { return nil }

// Double doubles.
func Double(ctx context.Context, args int, reply *int) error { return nil }

const path = "shop." + "v1"

func serve(s *server.Server) error {
	for _, x := range []string{"a"} {
		_ = x
	}
	_ = s.RegisterFunctionName("Math", "Twice", Double, "")
	return s.RegisterName(path, &Shop{s}, "")
}
