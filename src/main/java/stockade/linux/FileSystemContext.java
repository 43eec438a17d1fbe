package stockade.linux;

import static stockade.linux.KernelException.check;
import static stockade.linux.KernelException.checkFeature;

/** A file system that is about to be mounted (fsopen(2), Linux 5.2). */
public final class FileSystemContext implements AutoCloseable {
    private static final int CLOEXEC = 1;
    // FSCONFIG_* of include/uapi/linux/mount.h
    private static final int SET_FLAG = 0;
    private static final int SET_STRING = 1;
    private static final int CREATE = 6;
    private static final int CREATE_EXCLUSIVELY = 8;

    private final String type;
    private final Descriptor context;

    private FileSystemContext(String type, Descriptor context) {
        this.type = type;
        this.context = context;
    }

    /** @throws KernelException ENODEV if the kernel knows no such type */
    public static FileSystemContext open(String type) {
        try (var name = Memory.string(type)) {
            long context = Native.call(SystemCall.FSOPEN, name.address(), CLOEXEC);
            return new FileSystemContext(type, new Descriptor(Errno.ENODEV.is(context) ? check(context, type)
                    : checkFeature(context, "fsopen", "5.2")));
        }
    }

    /** Sets an option that has no value. */
    public void set(String option) {
        try (var name = Memory.string(option)) {
            check(Native.call(SystemCall.FSCONFIG, context.number(), SET_FLAG, name.address(), 0, 0), option);
        }
    }

    public void set(String option, String value) {
        try (var name = Memory.string(option); var text = Memory.string(value)) {
            long result = Native.call(SystemCall.FSCONFIG, context.number(), SET_STRING, name.address(), text.address(), 0);
            if (result < 0) {
                check(result, option + "=" + value);
            }
        }
    }

    public void create() {
        check(Native.call(SystemCall.FSCONFIG, context.number(), CREATE, 0, 0, 0), "create", type);
    }

    /** As {@link #create}, but not of a device that is mounted already, anywhere. @throws KernelException EBUSY if it is */
    public void createExclusively() {
        long result = Native.call(SystemCall.FSCONFIG, context.number(), CREATE_EXCLUSIVELY, 0, 0, 0);
        check(result, Errno.EOPNOTSUPP.is(result) ? "mount of a device (needs Linux 6.6)" : type);
    }

    /** It, as a detached mount with MOUNT_ATTR_* attributes. */
    public Descriptor mount(int attributes) {
        return new Descriptor(check(Native.call(SystemCall.FSMOUNT, context.number(), CLOEXEC, attributes), "mount", type));
    }

    @Override
    public void close() {
        context.close();
    }
}
