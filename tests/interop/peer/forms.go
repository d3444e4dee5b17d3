package peer

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/smallnest/rpcx/protocol"
)

// forms counts the requests that a server has read, by serialize type and compress type.
var forms struct {
	sync.Mutex
	seen map[string]int
}

// formCounter is the plugin that counts them: what a client was told to send need not be what it sends.
type formCounter struct{}

// PostReadRequest is called by rpcx for each request, when its payload is inflated.
func (formCounter) PostReadRequest(_ context.Context, r *protocol.Message, err error) error {
	if err != nil || r.IsHeartbeat() {
		return nil
	}
	forms.Lock()
	defer forms.Unlock()
	if forms.seen == nil {
		forms.seen = map[string]int{}
	}
	forms.seen[fmt.Sprintf("%d/%d", r.SerializeType(), r.CompressType())]++
	return nil
}

// formsSeen lists the forms of the requests so far: `3/0 3/1`.
func formsSeen() string {
	forms.Lock()
	defer forms.Unlock()
	var all []string
	for form := range forms.seen {
		all = append(all, form)
	}
	return strings.Join(all, " ")
}
