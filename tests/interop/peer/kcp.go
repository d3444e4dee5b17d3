//go:build kcp

package peer

import (
	"encoding/hex"
	"fmt"
	"strings"

	kcp "github.com/xtaci/kcp-go"
)

// BlockCrypt makes the crypt of `NAME` or `NAME:KEY`, the key in hexadecimal.
func BlockCrypt(text string) (kcp.BlockCrypt, error) {
	name, digits, _ := strings.Cut(text, ":")
	key, err := hex.DecodeString(digits)
	if err != nil {
		return nil, err
	}
	switch name {
	case "none":
		return kcp.NewNoneBlockCrypt(key)
	case "aes-128", "aes-192", "aes-256":
		return kcp.NewAESBlockCrypt(key)
	case "salsa20":
		return kcp.NewSalsa20BlockCrypt(key)
	case "xor":
		return kcp.NewSimpleXORBlockCrypt(key)
	}
	return nil, fmt.Errorf("no crypt %q", name)
}
