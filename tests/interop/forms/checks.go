package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"time"

	"rpcx-interop/generated"
)

type check struct {
	name string
	run  func(c *generated.FormsClient) error
}

var ctx = context.Background()

var checks = []check{
	{"ping", func(c *generated.FormsClient) error { return c.Ping(ctx) }},
	{"mul", func(c *generated.FormsClient) error {
		reply, err := c.Mul(ctx, &generated.Args{A: 6, B: -7})
		if err != nil {
			return err
		}
		return want(reply.C, -42)
	}},
	{"double", func(c *generated.FormsClient) error { return got(c.Double(ctx, -21))(-42) }},
	{"add", func(c *generated.FormsClient) error {
		return got(c.Add(ctx, &generated.FormsAddArgs{A: 40, Second: 2}))(42)
	}},
	{"hello", func(c *generated.FormsClient) error { return got(c.Hello(ctx, "世界"))("hello 世界") }},
	{"reverse", reverse},
	{"maybe", maybe},
	{"number", number},
	{"users", users},
	{"count", func(c *generated.FormsClient) error {
		reply, err := c.Count(ctx, map[string]int64{"one": 1, "minus two": -2})
		if err == nil && !maps.Equal(reply, map[int64]string{1: "one", -2: "minus two"}) {
			err = fmt.Errorf("got %v", reply)
		}
		return err
	}},
	{"echo", func(c *generated.FormsClient) error {
		reply, err := c.Echo(ctx, sample())
		if err != nil {
			return err
		}
		return same(reply, sample())
	}},
	{"paint", func(c *generated.FormsClient) error {
		mode := generated.ModeReadWrite
		args := generated.FormsPaintArgs{Color: generated.ColorBlue, Mode: &mode}
		if err := got(c.Paint(ctx, &args))(generated.ColorBlue); err != nil {
			return err
		}
		return got(c.Paint(ctx, &generated.FormsPaintArgs{Color: generated.ColorBlue}))(generated.ColorRed)
	}},
	{"order", func(c *generated.FormsClient) error {
		order := generated.Order{Stage: 77, Tint: "pink", Note: []any{"a", true, nil, map[string]any{"k": "v"}}}
		reply, err := c.Order(ctx, &order)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(*reply, order) {
			return fmt.Errorf("got %+v", *reply)
		}
		return nil
	}},
	{"deep", func(c *generated.FormsClient) error {
		deep := depths()
		reply, err := c.Deep(ctx, deep)
		if err != nil {
			return err
		}
		for _, inner := range reply.Times {
			for _, times := range inner {
				for i := range times {
					times[i] = times[i].UTC()
				}
			}
		}
		if !reflect.DeepEqual(reply, deep) {
			return fmt.Errorf("got %+v, not %+v", reply, deep)
		}
		return nil
	}},
	{"later", func(c *generated.FormsClient) error {
		at := time.Unix(1_700_000_000, 500).UTC()
		reply, err := c.Later(ctx, &generated.FormsLaterArgs{At: at, Wait: 90 * time.Second})
		return got(reply.UTC(), err)(at.Add(90 * time.Second))
	}},
	{"sub", func(c *generated.FormsClient) error {
		return got(c.Sub(ctx, &generated.SubArgs{A: 2, B: 44}))(-42)
	}},
	{"wrapped", func(c *generated.FormsClient) error {
		return got(c.Wrapped(ctx, &generated.FormsWrappedArgs{Id: 1 << 63}))(1 << 63)
	}},
	{"pay", pay},
	{"note", note},
	{"withdraw", withdraw},
	{"fail", func(c *generated.FormsClient) error {
		_, err := c.Fail(ctx, "so")
		if err == nil || err.Error() != "fail: so" {
			return fmt.Errorf("got the error %v", err)
		}
		return nil
	}},
}

func want[T comparable](value, wanted T) error {
	if value != wanted {
		return fmt.Errorf("got %v, not %v", value, wanted)
	}
	return nil
}

func got[T comparable](value T, err error) func(wanted T) error {
	return func(wanted T) error {
		if err != nil {
			return err
		}
		return want(value, wanted)
	}
}

func reverse(c *generated.FormsClient) error {
	for _, data := range [][]byte{{}, {0, 1, 254, 255}} {
		back := append([]byte{}, data...)
		for range 2 {
			var err error
			if back, err = c.Reverse(ctx, back); err != nil {
				return err
			}
		}
		if !bytes.Equal(data, back) {
			return fmt.Errorf("got %v, not %v", back, data)
		}
	}
	return nil
}

func maybe(c *generated.FormsClient) error {
	none, err := c.Maybe(ctx, nil)
	if err != nil {
		return err
	}
	if none != nil {
		return fmt.Errorf("got %v for nil", none)
	}
	some, err := c.Maybe(ctx, sample())
	if err != nil {
		return err
	}
	return same(some, sample())
}

func number(c *generated.FormsClient) error {
	none, err := c.Number(ctx, nil)
	if err != nil || none != nil {
		return fmt.Errorf("got %v and %v for nil", none, err)
	}
	zero := int64(0)
	some, err := c.Number(ctx, &zero)
	if err != nil || some == nil {
		return fmt.Errorf("got %v and %v for 0", some, err)
	}
	return want(*some, 1)
}

func users(c *generated.FormsClient) error {
	reply, err := c.Users(ctx, []generated.UserId{3, 5})
	if err != nil {
		return err
	}
	if len(reply) != 2 || reply[0].ID != 3 || reply[1].FullName != "user 5" {
		return fmt.Errorf("got %+v", reply)
	}
	none, err := c.Users(ctx, nil)
	if err == nil {
		err = want(len(none), 0)
	}
	return err
}

func pay(c *generated.FormsClient) error {
	limit := 3 * time.Second
	all := []generated.Payment{
		generated.NewPaymentFree(),
		generated.NewPaymentCash(1 << 63),
		generated.NewPaymentCard(generated.PaymentCard{Number: "4111", CVC: 7, Limit: &limit, Chip: []byte{0, 255}}),
		generated.NewPaymentCard(generated.PaymentCard{Chip: []byte{}}),
		generated.NewPaymentToken([]byte{1, 254}),
		generated.NewPaymentGift(generated.Reply{C: -3}),
	}
	all = append(all, generated.NewPaymentSplit(append([]generated.Payment{}, all...)))
	for _, payment := range all {
		reply, err := c.Pay(ctx, &payment)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(*reply, payment) {
			return fmt.Errorf("got %+v, not %+v", *reply, payment)
		}
	}
	// a nil slice is a slice without elements, and none of the fields is the default
	for _, payment := range []generated.Payment{generated.NewPaymentToken(nil), {}} {
		reply, err := c.Pay(ctx, &payment)
		if err != nil {
			return err
		}
		if payment.Token != nil && (reply.Token == nil || len(*reply.Token) != 0) {
			return fmt.Errorf("got %+v for a token of nothing", *reply)
		}
	}
	return nil
}

func note(c *generated.FormsClient) error {
	before, err := c.Notes(ctx)
	if err != nil {
		return err
	}
	for range 3 {
		if err = c.Note(ctx, "line"); err != nil {
			return err
		}
	}
	var after int64
	for range 100 {
		if after, err = c.Notes(ctx); err != nil || after == before+3 {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("%d notes came in, not 3", after-before)
}

func withdraw(c *generated.FormsClient) error {
	if err := got(c.Withdraw(ctx, &generated.FormsWithdrawArgs{Account: "mine", Amount: 40}))(60); err != nil {
		return err
	}
	for _, wanted := range []generated.BankError{
		{Code: generated.BankErrorNoAccount, Text: "no account"},
		{Code: generated.BankErrorInsufficient, Text: "need 5 more", Data: `{"need":5}`},
	} {
		account := "mine"
		if wanted.Code == generated.BankErrorNoAccount {
			account = "none"
		}
		_, err := c.Withdraw(ctx, &generated.FormsWithdrawArgs{Account: account, Amount: 105})
		var coded *generated.BankError
		if !errors.As(err, &coded) {
			return fmt.Errorf("got the error %v without a code", err)
		}
		if err := want(*coded, wanted); err != nil {
			return err
		}
	}
	return nil
}

func sample() *generated.User {
	nick, side := "al", generated.SideRight
	parent := generated.User{ID: 1, FullName: "parent", Born: time.Unix(0, 0).UTC(), Mode: generated.ModeReadOnly}
	return &generated.User{
		ID: 1<<64 - 1, FullName: "grüße", Nick: &nick, Born: time.Unix(1_700_000_000, 123_000_000).UTC(),
		Limit: 90 * time.Second, Photo: []byte{0, 255}, Key: [4]byte{1, 2, 3, 4}, Tags: []string{"a", ""},
		Color: generated.ColorGreen, Mode: generated.ModeReadWrite, Scores: map[string]int64{"k": -7},
		Names: map[uint32]string{9: "nine"}, Ratio: -2.25, Corner: [2]float32{1.5, -1.5}, Parent: &parent,
		Friends: []generated.User{parent}, Place: generated.Place{StreetName: "High", No: 7, Side: &side},
	}
}

// same compares users; a list or a map without elements may come back as nil.
func depths() *generated.Deep {
	blob := []byte{1, 0, 255}
	blobs := generated.Blobs{"b": {7: {blob, {}}}}
	return &generated.Deep{
		Maps:   map[string]map[string]map[string]map[int64]generated.Blobs{"1": {"2": {"3": {-4: blobs}}}},
		Lists:  [][]map[string][]byte{{{"l": blob}}, {}},
		Boxes:  map[string]*[]byte{"x": &blob, "none": nil},
		Arrays: [2]map[string][]byte{{"first": blob}, {}},
		Keys:   map[string][2]byte{"k": {1, 2}},
		Spans:  map[uint32][]time.Duration{9: {time.Nanosecond, time.Hour}},
		Times:  map[string]map[string][]time.Time{"t": {"u": {time.Unix(1_700_000_000, 5).UTC()}}},
	}
}

func same(value, wanted *generated.User) error {
	if value == nil {
		return errors.New("got nil")
	}
	normalize(value)
	normalize(wanted)
	if !reflect.DeepEqual(value, wanted) {
		return fmt.Errorf("got %+v, not %+v", value, wanted)
	}
	return nil
}

func normalize(user *generated.User) {
	user.Born = user.Born.UTC()
	if len(user.Photo) == 0 {
		user.Photo = nil
	}
	if len(user.Tags) == 0 {
		user.Tags = nil
	}
	if len(user.Scores) == 0 {
		user.Scores = nil
	}
	if len(user.Names) == 0 {
		user.Names = nil
	}
	if len(user.Friends) == 0 {
		user.Friends = nil
	}
	for i := range user.Friends {
		normalize(&user.Friends[i])
	}
	if user.Parent != nil {
		normalize(user.Parent)
	}
}
