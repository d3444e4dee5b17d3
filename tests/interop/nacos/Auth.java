package com.alibaba.nacos;

import com.alibaba.nacos.plugin.auth.api.IdentityContext;
import com.alibaba.nacos.plugin.auth.api.Permission;
import com.alibaba.nacos.plugin.auth.api.Resource;
import com.alibaba.nacos.plugin.auth.constant.ActionTypes;
import com.alibaba.nacos.plugin.auth.exception.AccessException;
import com.alibaba.nacos.plugin.auth.spi.server.AuthPluginService;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Knows one user, where auth is on. It is in place of nacos' own plugin, which is not on Maven Central: what asks it is the filter
 * of the server, and it is asked for the same token.
 */
public class Auth implements AuthPluginService {
    private static final String TOKEN = "the token of ann";

    @Override
    public Collection<String> identityNames() {
        return List.of("accessToken");
    }

    @Override
    public boolean enableAuth(ActionTypes action, String type) {
        return true;
    }

    @Override
    public boolean validateIdentity(IdentityContext identity, Resource resource) throws AccessException {
        if (!TOKEN.equals(identity.getParameter("accessToken"))) {
            throw new AccessException("user not found!");
        }
        return true;
    }

    @Override
    public Boolean validateAuthority(IdentityContext identity, Permission permission) {
        return true;
    }

    @Override
    public String getAuthServiceName() {
        return "one-user";
    }

    /** As nacos' own plugin answers. */
    @RestController
    public static class Login {
        @PostMapping("/v1/auth/login")
        public ResponseEntity<?> login(@RequestParam("username") String username, @RequestParam("password") String password) {
            if (!username.equals("ann") || !password.equals("secret 1")) {
                return ResponseEntity.status(HttpStatus.FORBIDDEN).body("unknown user!");
            }
            return ResponseEntity.ok(Map.of("accessToken", TOKEN, "tokenTtl", 18000, "globalAdmin", true));
        }
    }
}
