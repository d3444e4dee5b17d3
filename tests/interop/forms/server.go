package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"

	"github.com/smallnest/rpcx/server"

	"rpcx-interop/generated"
)

// forms implements the generated interface; `Forms` in tests/it/go_peers/generated.rs gives the same answers.
type forms struct{ noted atomic.Int64 }

func (*forms) Ping(context.Context, *struct{}, *struct{}) error { return nil }

func (*forms) Mul(_ context.Context, args *generated.Args, reply *generated.Reply) error {
	reply.C = args.A * args.B
	return nil
}

func (*forms) Double(_ context.Context, n int32, reply *int32) error {
	*reply = 2 * n
	return nil
}

func (*forms) Add(_ context.Context, args *generated.FormsAddArgs, reply *int32) error {
	*reply = args.A + args.Second
	return nil
}

func (*forms) Hello(_ context.Context, name string, reply *string) error {
	*reply = "hello " + name
	return nil
}

func (*forms) Reverse(_ context.Context, data []byte, reply *[]byte) error {
	// The server recycles the argument, so the reply must not share its memory.
	*reply = append([]byte{}, data...)
	slices.Reverse(*reply)
	return nil
}

func (*forms) Maybe(_ context.Context, user **generated.User, reply **generated.User) error {
	*reply = *user
	return nil
}

func (*forms) Number(_ context.Context, n **int64, reply **int64) error {
	if *n != nil {
		next := **n + 1
		*reply = &next
	}
	return nil
}

func (*forms) Users(_ context.Context, ids []generated.UserId, reply *[]generated.User) error {
	for _, id := range ids {
		*reply = append(*reply, generated.User{ID: id, FullName: fmt.Sprint("user ", id), Mode: generated.ModeReadOnly})
	}
	return nil
}

func (*forms) Count(_ context.Context, words map[string]int64, reply *map[int64]string) error {
	*reply = map[int64]string{}
	for word, count := range words {
		(*reply)[count] = word
	}
	return nil
}

func (*forms) Echo(_ context.Context, user *generated.User, reply *generated.User) error {
	*reply = *user
	return nil
}

func (*forms) Pay(_ context.Context, payment *generated.Payment, reply *generated.Payment) error {
	known := generated.SwitchPayment(*payment,
		func() { *reply = generated.NewPaymentFree() },
		func(cents uint64) { *reply = generated.NewPaymentCash(cents) },
		func(card generated.PaymentCard) { *reply = generated.NewPaymentCard(card) },
		func(token []byte) { *reply = generated.NewPaymentToken(append([]byte{}, token...)) },
		func(gift generated.Reply) { *reply = generated.NewPaymentGift(gift) },
		func(parts []generated.Payment) { *reply = generated.NewPaymentSplit(parts) },
	)
	if !known {
		*reply = generated.NewPaymentFree() // the default
	}
	return nil
}

func (*forms) Paint(_ context.Context, args *generated.FormsPaintArgs, reply *generated.Color) error {
	if args.Mode != nil && *args.Mode == generated.ModeReadWrite {
		*reply = args.Color
	}
	return nil
}

func (*forms) Order(_ context.Context, order *generated.Order, reply *generated.Order) error {
	*reply = *order
	return nil
}

func (*forms) Deep(_ context.Context, deep *generated.Deep, reply *generated.Deep) error {
	*reply = *deep
	return nil
}

func (*forms) Later(_ context.Context, args *generated.FormsLaterArgs, reply *generated.FormsLaterReply) error {
	reply.At = args.At.Add(args.Wait)
	return nil
}

func (*forms) Sub(_ context.Context, args *generated.SubArgs, reply *generated.FormsSubReply) error {
	reply.C = args.A - args.B
	return nil
}

func (*forms) Wrapped(_ context.Context, args *generated.FormsWrappedArgs, reply *generated.UserId) error {
	*reply = args.Id
	return nil
}

func (f *forms) Note(context.Context, string, *struct{}) error {
	f.noted.Add(1)
	return nil
}

func (f *forms) Notes(_ context.Context, _ *struct{}, reply *int64) error {
	*reply = f.noted.Load()
	return nil
}

func (*forms) Withdraw(_ context.Context, args *generated.FormsWithdrawArgs, reply *uint64) error {
	if args.Account == "none" {
		return &generated.BankError{Code: generated.BankErrorNoAccount, Text: "no account"}
	}
	if args.Amount > 100 {
		need := args.Amount - 100
		return &generated.BankError{
			Code: generated.BankErrorInsufficient,
			Text: fmt.Sprintf("need %d more", need),
			Data: fmt.Sprintf(`{"need":%d}`, need),
		}
	}
	*reply = 100 - args.Amount
	return nil
}

func (*forms) Fail(_ context.Context, why string, _ *generated.User) error {
	return errors.New("fail: " + why)
}

func serve(addr string) error {
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	s := server.NewServer()
	if err := generated.RegisterForms(s, new(forms), ""); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeListener("tcp", listener) }()
	fmt.Println("listening", listener.Addr())
	select {
	case err = <-served:
		return err
	case <-stop.Done():
		return s.Close()
	}
}
