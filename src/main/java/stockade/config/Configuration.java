package stockade.config;

import java.util.List;

/** What a jail.conf(5) declares: the jails in order, each with the parameters that hold for it. */
public record Configuration(List<Declaration> jails) {
    /** The name that stands for standard input. */
    public static final String STDIN = "-";

    /**
     * @param file a path, or {@link #STDIN}
     * @throws ConfigurationException with every error of the file and of those it includes
     */
    public static Configuration read(String file) {
        return parse(file, new Host());
    }

    /** As {@link #read}, with files from elsewhere. */
    static Configuration parse(String file, Source source) {
        var loader = new Loader(file, source);
        loader.load();
        return new Resolver(loader.script(), loader.budget()).configuration();
    }
}
