package stockade.life;

import java.util.List;
import java.util.Optional;
import stockade.linux.Bytes;
import stockade.linux.Files;
import stockade.network.Alias;
import stockade.network.VirtualLink;
import stockade.prison.Hostname;
import stockade.prison.Ip;
import stockade.prison.JailException;
import stockade.prison.JailMounts;
import stockade.prison.JailName;
import stockade.prison.JailSpec;
import stockade.prison.Jid;
import stockade.prison.MountParameters;
import stockade.prison.Parameter;

/** What the parameters together make: a jail that can be, with what each needs of the others. */
record Specification(Parameters parameters) {
    /**
     * @param realPath the path without symbolic links
     * @throws JailException if some of them exclude each other
     */
    JailSpec of(String realPath) {
        return new JailSpec(wantedJid(), givenName(), realPath, new Hostname(parameters.text(Parameter.HOST_HOSTNAME).orElse("")),
                ip(4), ip(6), vnet(), interfaces(), programs(), parameters.securelevel(), parameters.permissions(), parameters.limits().present(),
                mounts(realPath));
    }

    private JailMounts mounts(String realPath) {
        var mounts = new MountParameters();
        parameters.commands(Parameter.MOUNT).forEach(mounts::mount);
        parameters.list(Parameter.MOUNT_FSTAB).forEach(file -> mounts.fstab(outside(file, realPath)));
        parameters.text(Parameter.MOUNT_DEVFS).ifPresent(value -> mounts.devfs(value.equals("true")));
        parameters.text(Parameter.MOUNT_PROCFS).ifPresent(value -> mounts.procfs(value.equals("true")));
        parameters.text(Parameter.MOUNT_FDESCFS).ifPresent(value -> mounts.fdescfs(value.equals("true")));
        return mounts.under(parameters.path(), realPath);
    }

    /** A jail's root could write there what the next start is to mount. */
    private static String outside(String file, String realPath) {
        try (var there = HostPath.open(file, realPath)) {
            return Files.readLink("/proc/self/fd/" + there.number());
        } catch (JailException e) {
            throw new JailException("mount.fstab: " + e.getMessage());
        }
    }

    private List<String> programs() {
        var programs = parameters.list(Parameter.EXEC_ALLOW);
        if (programs.isEmpty() && parameters.isGiven(Parameter.EXEC_ALLOW)) {
            throw new JailException("exec.allow: no program");
        }
        for (var program : programs) {
            if (!program.startsWith("/")) {
                throw new JailException("exec.allow: not an absolute pathname: \"" + program + "\"");
            }
        }
        return programs;
    }

    private boolean vnet() {
        var value = parameters.text(Parameter.VNET).orElse("inherit");
        if (value.equals("disable")) {
            throw new JailException("vnet: unknown jailsys value \"disable\"");
        }
        boolean vnet = value.equals("new");
        if (vnet && (parameters.isGiven(Parameter.IP4) || parameters.isGiven(Parameter.IP6))) {
            throw new JailException("vnet jails cannot have IP address restrictions");
        }
        return vnet;
    }

    private List<String> interfaces() {
        var interfaces = parameters.list(Parameter.VNET_INTERFACE);
        if (!vnet() && !interfaces.isEmpty()) {
            throw new JailException("vnet.interface requires vnet");
        }
        for (var name : interfaces) {
            if (!Alias.isDevice(name) || name.equals("lo")) {
                throw new JailException("vnet.interface: not an interface to be given: \"" + name + "\"");
            }
        }
        if (interfaces.stream().distinct().count() < interfaces.size()) {
            throw new JailException("vnet.interface: the same interface twice: " + String.join(",", interfaces));
        }
        if (interfaces.contains(VirtualLink.INSIDE)
                && !(parameters.list(Parameter.IP4_ADDR).isEmpty() && parameters.list(Parameter.IP6_ADDR).isEmpty())) {
            throw new JailException("vnet.interface: " + VirtualLink.INSIDE + " is what has the addresses");
        }
        return interfaces;
    }

    /** A numeric name asks for that jid, as with FreeBSD's jail_set(2). */
    private Optional<Jid> wantedJid() {
        return parameters.text(Parameter.JID).or(() -> parameters.text(Parameter.NAME).filter(Specification::isJid))
                .map(number -> new Jid(Bytes.decimal(number)));
    }

    private static boolean isJid(String text) {
        return Jid.isNumeric(text) && !text.startsWith("0");
    }

    private Optional<JailName> givenName() {
        var name = parameters.text(Parameter.NAME);
        return name.equals(wantedJid().map(Jid::toString)) ? Optional.empty() : name.map(JailName::new);
    }

    private Ip ip(int version) {
        var parameter = version == 4 ? Parameter.IP4 : Parameter.IP6;
        var own = parameters.addresses(version);
        return switch (parameters.text(parameter).orElse("new")) {
            case "inherit" -> without(own, parameter.label(), new Ip.Inherited());
            case "disable" -> without(own, parameter.label(), new Ip.Disabled());
            default -> own;
        };
    }

    private static Ip without(Ip own, String label, Ip ip) {
        if (!own.addresses().isEmpty()) {
            throw new JailException(label + "=" + ip.mode() + " and " + label + ".addr exclude each other");
        }
        return ip;
    }
}
