package com.alibaba.nacos; // where the search for its components begins

import com.alibaba.nacos.core.code.ControllerMethodsCache;
import javax.annotation.PostConstruct;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The nacos server by itself. */
@SpringBootApplication
@EnableScheduling
public class Boot {
    @Autowired
    ControllerMethodsCache cache;

    /** Without it every request is answered with 501. */
    @PostConstruct
    void init() {
        cache.initClassMethod("com.alibaba.nacos.core.controller");
        cache.initClassMethod("com.alibaba.nacos.naming.controllers");
    }

    public static void main(String[] arguments) {
        System.setProperty("nacos.standalone", "true");
        SpringApplication.run(Boot.class, arguments);
    }
}
