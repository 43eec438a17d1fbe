package stockade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jails that have the host's own addresses, of one family or both. */
class InheritIT extends JailAddresses {
    @ParameterizedTest
    @CsvSource({
        "tcp4 bind 10.8.0.1 8080 name, 10.8.0.1:8080", "tcp4 bind 0.0.0.0 8080 name, 0.0.0.0:8080",
        "tcp4 bind 127.0.0.1 8080 name, 127.0.0.1:8080", "udp4 bind 127.0.0.2 53 name, 127.0.0.2:53",
        "tcp4 bind 10.8.0.1 80 name, 10.8.0.1:80", "tcp4 listen host, 0.0.0.0",
        "tcp4 connect 127.0.0.1 9090 host peer read, 127.0.0.1 127.0.0.1:9090 host",
        "tcp4 connect 10.8.0.1 9090 host read, 10.8.0.1 host",
        "udp4 forge 10.8.0.2 sendto 127.0.0.1 9091 x receive, x from 127.0.0.1:9091",
    })
    void inheritedIp4IsTheHosts(String use, String result) {
        var server = startOnHost("tcp4 bind 0.0.0.0 9090 listen say ready accept host accept host");
        var echo = startOnHost("udp4 bind 127.0.0.1 9091 say ready echo echo");
        assertEquals("ready", server.line());
        assertEquals("ready", echo.line());
        assertEquals(result, onHost(use));
        assertEquals(result, byParameters("ip4=inherit ip6=disable", "net6 " + use));
        assertEquals("socket: EAFNOSUPPORT", byParameters("ip4=inherit ip6=disable", "net6 tcp listen name"));
        assertEquals("socket: EAFNOSUPPORT", byParameters("ip4=inherit", "net6 udp listen name"));
    }

    @ParameterizedTest
    @CsvSource({
        "tcp bind fd00:8::1 8080 name, [fd00:8::1]:8080", "tcp bind :: 8080 name, [::]:8080",
        "tcp bind ::1 80 name, [::1]:80", "udp bind fd00:8::2 53 name, [fd00:8::2]:53",
        "tcp connect ::1 9090 host read, [::1] host", "tcp connect fd00:8::1 9090 host read, [fd00:8::1] host",
        "udp sendto ::1 9091 x receive, x from [::1]:9091",
    })
    void inheritedIp6IsTheHosts(String use, String result) {
        var server = startOnHost("tcp bind :: 9090 listen say ready accept host accept host accept host");
        var echo = startOnHost("udp bind ::1 9091 say ready echo echo echo");
        assertEquals("ready", server.line());
        assertEquals("ready", echo.line());
        assertEquals(result, onHost(use));
        assertEquals(result, byParameters("ip6=inherit", "net6 " + use));
        assertEquals(result, byParameters("ip6=inherit ip4.addr=" + OWN4, "net6 " + use));
        assertEquals("socket: EAFNOSUPPORT", byParameters("ip6=inherit ip4=disable", "net6 tcp4 listen name"));
    }

    @ParameterizedTest
    @CsvSource({
        "ip6=inherit ip4.addr=10.8.0.2, tcp bind ::ffff:10.8.0.1 80 name, bind: EADDRNOTAVAIL",
        "ip6=inherit ip4.addr=10.8.0.2, tcp bind ::ffff:0.0.0.0 80 name, bind: EINVAL",
        "ip6=inherit ip4.addr=10.8.0.2, tcp bind ::ffff:127.0.0.1 80 name, bind: EINVAL",
        "ip6=inherit ip4.addr=10.8.0.2, tcp connect ::ffff:10.8.0.1 9090 host read, connect: ENETUNREACH",
        "ip6=inherit ip4.addr=10.8.0.2, tcp connect ::ffff:127.0.0.1 9090 read, connect: ENETUNREACH",
        "ip6=inherit ip4.addr=10.8.0.2, tcp4 bind 10.8.0.1 80 name, bind: EADDRNOTAVAIL",
        "ip6=inherit ip4=disable, tcp bind ::ffff:0.0.0.0 80 name, bind: EADDRNOTAVAIL",
        "ip6=inherit ip4=disable, tcp bind ::ffff:10.8.0.1 80 name, bind: EADDRNOTAVAIL",
        "ip4=inherit ip6.addr=fd00:8::2, tcp bind ::ffff:10.8.0.1 80 name, bind: EINVAL",
        "ip4=inherit ip6.addr=fd00:8::2, tcp bind fd00:8::1 80 name, bind: EADDRNOTAVAIL",
        "ip4=inherit ip6.addr=fd00:8::2, tcp bind ::1 80 name, [fd00:8::2]:80",
        "ip4=inherit ip6.addr=fd00:8::2, tcp connect ::ffff:127.0.0.1 9090 host read, connect: ENETUNREACH",
        "ip4=inherit ip6.addr=fd00:8::2, tcp connect ::1 9090 read, connect: ECONNREFUSED",
    })
    void oneFamilyIsInheritedAndTheOtherNot(String parameters, String use, String result) {
        var servers = List.of(startOnHost("tcp4 bind 127.0.0.1 9090 listen say ready accept host"),
                startOnHost("tcp4 bind 10.8.0.1 9090 listen say ready accept host"),
                startOnHost("tcp bind ::1 9090 listen say ready accept host"));
        servers.forEach(server -> assertEquals("ready", server.line()));
        assertEquals(result, byParameters(parameters, "net6 " + use));
    }

    /** It would have its port of all IPv4 addresses of the host as well. */
    @ParameterizedTest
    @ValueSource(strings = {"ip6=inherit ip4.addr=" + OWN4, "ip6=inherit ip4=disable", "ip6=inherit"})
    void aListenerOfInheritedIp6HasNothingOfTheHostsIp4(String parameters) {
        var server = startByParameters(parameters, "net6 tcp bind :: 8080 listen name accept x");
        assertEquals("[::]:8080", server.line());
        for (var address : List.of(HOST4, OWN4, "127.0.0.1")) {
            assertEquals("connect: ECONNREFUSED", onHost("tcp4 connect " + address + " 8080 read"));
        }
        assertEquals("0.0.0.0:8080", onHost("tcp4 bind 0.0.0.0 8080 listen name"));
        assertEquals("x", onHost("tcp connect fd00:8::1 8080 read"));
    }

    @ParameterizedTest
    @CsvSource({"ip6=inherit ip4.addr=10.8.0.2", "ip6=inherit ip4=disable", "ip4=inherit ip6.addr=fd00:8::2"})
    void nobodyTurnsIp4OnForASocketOfInheritedIp6(String parameters) {
        assertEquals("setsockopt: EPERM", byParameters(parameters, "net6 tcp option 41 26 0"));
        assertEquals("off", byParameters(parameters, "net6 tcp option 41 26 1 say off"));
        assertEquals("on", byParameters("ip4=inherit ip6=inherit", "net6 tcp option 41 26 0 say on"));
    }

    @ParameterizedTest
    @CsvSource({"ip4=inherit, tcp4 bind 0.0.0.0 80 name, 0.0.0.0:80", "ip6=inherit, tcp bind :: 80 name, [::]:80",
        "ip6=inherit, udp bind fd00:8::1 1023 name, [fd00:8::1]:1023"})
    void reservedPortsOfTheHostAreForTheJailsRoot(String parameters, String use, String result) {
        int jid = background(parameters);
        assertEquals(result, inJail(jid, use));
        assertEquals("bind: EACCES", oneLine(host.jexec((Object[]) words("-U", "user", jid, "net6", use.split(" "))).said()));
        host.jail("-m", "jid=" + jid, "allow.noreserved_ports").said();
        assertEquals("bind: EACCES", inJail(jid, use));
    }

    @Test
    void theHostsNetworkIsInheritedAndNotConfigured() {
        int jid = background("ip4=inherit ip6=inherit");
        var before = host.addresses();
        for (var use : List.of("device lo", "join ff02::1234", "join4 239.1.2.3", "option 41 75 1")) {
            assertEquals("setsockopt: EPERM", inJail(jid, "udp " + use), use);
        }
        assertEquals("socket: EPERM", inJail(jid, "raw:58"));
        assertEquals("ioctl: EPERM", host.jexec(jid, "net", "configure", "10.8.0.9").said());
        assertEquals("done", host.run(Tree.probe("net").toString(), "configure", "10.8.0.9").said(), "outside");
        host.run("ip", "address", "delete", "10.8.0.9/8", "dev", "lo").said();
        assertEquals(before, host.addresses());
    }
}
