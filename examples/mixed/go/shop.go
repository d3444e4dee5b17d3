package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"mixed/stock"
)

// shop is the service in Go; src/shop.rs is the same in Rust.
type shop struct {
	mutex sync.Mutex
	shelf map[string]uint32 // how many there are, by name
}

func newShop() *shop {
	return &shop{shelf: map[string]uint32{}}
}

func (s *shop) Add(_ context.Context, item *stock.Item, _ *struct{}) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.shelf[item.Name] += item.Count
	return nil
}

func (s *shop) Take(_ context.Context, args *stock.StockTakeArgs, left *uint32) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	present := s.shelf[args.Name]
	if present < args.Count {
		return notEnough(present)
	}
	*left = present - args.Count
	if *left == 0 {
		delete(s.shelf, args.Name)
	} else {
		s.shelf[args.Name] = *left
	}
	return nil
}

// notEnough is StockError::NotEnough of the trait file: the data is what Rust reads `left` from.
func notEnough(left uint32) error {
	data, err := json.Marshal(map[string]uint32{"left": left})
	if err != nil {
		return err
	}
	return &stock.StockError{
		Code: stock.StockErrorNotEnough,
		Text: fmt.Sprintf("only %d left", left),
		Data: string(data),
	}
}

func (s *shop) List(_ context.Context, _ *struct{}, items *[]stock.Item) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.shelf)) {
		*items = append(*items, stock.Item{Name: name, Count: s.shelf[name]})
	}
	return nil
}
