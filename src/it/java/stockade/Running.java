package stockade;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A command that runs on a {@link Host}. */
final class Running implements AutoCloseable {
    /** In seconds. No command of the tests takes a tenth of it on an idle machine. */
    private static final int TIMEOUT = 120;

    private final Process process;
    private final List<String> command;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final Thread outputReader;
    private final Thread errorReader;
    private int linesTaken;

    Running(Process process, List<String> command) {
        this.process = process;
        this.command = command;
        outputReader = collect(process.getInputStream(), output);
        errorReader = collect(process.getErrorStream(), errors);
    }

    private static Thread collect(InputStream from, ByteArrayOutputStream to) {
        return Thread.ofPlatform().daemon().start(() -> {
            var buffer = new byte[65536];
            try {
                for (int n; (n = from.read(buffer)) > 0;) {
                    to.write(buffer, 0, n);
                }
            } catch (IOException e) {
                // the process was ended by close
            }
        });
    }

    long pid() {
        return process.pid();
    }

    String out() {
        return output.toString(StandardCharsets.UTF_8);
    }

    String errors() {
        return errors.toString(StandardCharsets.UTF_8);
    }

    Running type(byte[] bytes) {
        try {
            process.getOutputStream().write(bytes);
            process.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Running type(String text) {
        return type(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Waits for the next whole line of stdout and returns it. */
    String line() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT);
        while (true) {
            var lines = out().split("\n", -1);
            if (linesTaken < lines.length - 1) {
                return lines[linesTaken++];
            }
            boolean over = !outputReader.isAlive() && out().split("\n", -1).length == lines.length;
            if (over || System.nanoTime() > deadline) {
                return fail(command + " said no more: " + out() + errors());
            }
            Host.pause();
        }
    }

    /** Waits until stdout matches a regular expression somewhere. */
    Running await(String expression) {
        var pattern = Pattern.compile(expression);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT / 2);
        while (!pattern.matcher(out()).find()) {
            if (System.nanoTime() > deadline) {
                return fail(command + " did not say " + expression + ": " + out() + errors());
            }
            Host.pause();
        }
        return this;
    }

    /** Sends a signal, by its name. */
    Running signal(String name) {
        try {
            new ProcessBuilder("kill", "-s", name, Long.toString(pid())).inheritIO().start().waitFor();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the process has become another program. */
    void awaitProgram(String name) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!Host.read(Path.of("/proc/" + pid() + "/comm")).strip().equals(name)) {
            if (System.nanoTime() > deadline) {
                fail(command + " did not become " + name);
            }
            Host.pause();
        }
    }

    /** Whether it has ended or does so within a moment. */
    boolean hasEnded() {
        try {
            return process.waitFor(200, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends stdin and waits for the end of the command and of its output. */
    Result end() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // it does not read, which is its right
        }
        try {
            if (!process.waitFor(TIMEOUT, TimeUnit.SECONDS)) {
                kill();
                return fail(command + " did not end: " + out() + errors());
            }
            // somebody who lives on may have its stdout
            outputReader.join(200);
            errorReader.join(200);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new Result(process.exitValue(), output.toByteArray(), errors());
    }

    /** Ends it, as far as the end of stdin ends it. */
    @Override
    public void close() {
        end();
    }

    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
