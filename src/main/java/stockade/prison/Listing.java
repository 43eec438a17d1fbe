package stockade.prison;

import java.util.function.Consumer;

/** Jails that somebody looks at one after the other. */
public interface Listing {
    /** @param look at each jail, which is not to be kept: the next one may be read in its place */
    void forEach(Consumer<Listed> look);
}
