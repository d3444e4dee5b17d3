package peer

import (
	"context"
	"net"
	"strconv"

	"github.com/smallnest/rpcx/server"
)

// Subscription asks for Count messages.
type Subscription struct{ Count int }

// Market pushes prices to whoever subscribes.
type Market struct{ server *server.Server }

// Subscribe pushes the numbers from 0 on, as text and as the metadata `n`, and then answers.
func (m *Market) Subscribe(ctx context.Context, args Subscription, _ *Empty) error {
	conn := ctx.Value(server.RemoteConnContextKey).(net.Conn)
	for i := range args.Count {
		n := strconv.Itoa(i)
		err := m.server.SendMessage(conn, "Prices", "Changed", map[string]string{"n": n}, []byte(n))
		if err != nil {
			return err
		}
	}
	return nil
}
