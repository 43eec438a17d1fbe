package stockade.config;

public final class Wildcard {
    private Wildcard() {
    }

    public static boolean isWildcard(String name) {
        return name.equals("*") || name.endsWith(".*");
    }

    public static boolean matches(String name, String wildcard) {
        return wildcard.equals("*") || name.startsWith(wildcard.substring(0, wildcard.length() - 1));
    }
}
