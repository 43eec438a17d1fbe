package stockade.config;

/**
 * A parameter's or variable's name, there once for all places where it is written.
 *
 * @param text   as it is written, without a dollar sign
 * @param key    {@link ParameterName#key} of it
 * @param number that of the key, among those of the configuration: from 0
 */
record Name(String text, String key, int number) {
}
