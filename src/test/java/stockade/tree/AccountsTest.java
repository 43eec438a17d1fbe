package stockade.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AccountsTest {
    private final Accounts accounts = new Accounts("""
            root:x:0:0:root:/root:/bin/bash
            www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
            nonsense
            more:x:nonsense:1::/:/bin/sh
            ftp:$6$secret:103:106:ftp daemon,,,:/srv/ftp:/usr/sbin/nologin
            sshd:x:104:65534::/run/sshd:/usr/sbin/nologin
            me:x:1000:1000:Me:/home/me:/bin/bash
            nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
            """, """
            root:x:0:
            adm:secret:4:me,ftp
            www-data:x:33:
            ftp:x:106:
            me:x:1000:
            nogroup:x:65534:
            """);

    private static List<String> names(String lines) {
        return lines.lines().map(line -> line.substring(0, line.indexOf(':'))).toList();
    }

    @Test
    void aTreeHasTheSystemsUsersAndThoseThatMatterInIt() {
        assertEquals(List.of("root", "www-data", "nobody"), names(accounts.passwd(Set.of(), Set.of(), shell -> true)));
        assertEquals(List.of("root", "www-data", "ftp", "nobody"),
                names(accounts.passwd(Set.of("ftp", "me"), Set.of(), shell -> true)));
        assertEquals(List.of("root", "www-data", "sshd", "me", "nobody"),
                names(accounts.passwd(Set.of(), Set.of(104, 1000), shell -> true)));
    }

    @Test
    void nobodysPasswordIsTold() {
        var lines = accounts.passwd(Set.of("ftp"), Set.of(1000), shell -> true)
                + accounts.group(Set.of("ftp"), Set.of(1000), Set.of());
        for (var line : lines.lines().toList()) {
            assertEquals("*", line.split(":")[1], line);
        }
    }

    @Test
    void rootHasAShellThatIsThere() {
        assertEquals("root:*:0:0:root:/root:/bin/bash",
                accounts.passwd(Set.of(), Set.of(), "/bin/bash"::equals).lines().findFirst().orElseThrow());
        assertEquals("root:*:0:0:root:/root:/bin/sh",
                accounts.passwd(Set.of(), Set.of(), "/bin/dash"::equals).lines().findFirst().orElseThrow());
    }

    @Test
    void groupsAreThoseOfItsUsersAndFiles() {
        assertEquals("root:*:0:\nadm:*:4:\nwww-data:*:33:\nnogroup:*:65534:\n",
                accounts.group(Set.of(), Set.of(), Set.of()));
        assertEquals("root:*:0:\nadm:*:4:ftp\nwww-data:*:33:\nftp:*:106:\nme:*:1000:\nnogroup:*:65534:\n",
                accounts.group(Set.of("ftp"), Set.of(), Set.of(1000)));
    }

    @Test
    void namesHaveNumbersAndHomes() {
        assertEquals(OptionalInt.of(103), accounts.uid("ftp"));
        assertEquals(OptionalInt.of(4), accounts.gid("adm"));
        assertEquals(OptionalInt.empty(), accounts.uid("more"));
        assertEquals(Optional.of("/srv/ftp"), accounts.home("ftp"));
        assertEquals(List.of("ftp", "sshd"), accounts.namesOfPackages());
    }
}
