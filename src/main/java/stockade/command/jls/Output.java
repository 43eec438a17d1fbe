package stockade.command.jls;

import stockade.linux.Bytes;

/** Where a listing goes. */
public interface Output {
    /** Takes so many of the bytes, which are others' after that. */
    void write(byte[] bytes, int length);

    default void write(String text) {
        var bytes = Bytes.of(text);
        write(bytes, bytes.length);
    }
}
