package stockade.prison;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import stockade.linux.Bytes;

/**
 * A jail's limits. A resource whose limit was taken away stays among them, for what has limited it is there still.
 *
 * @param amounts by resource, in its unit; empty: it has a limit no more
 */
public record ResourceLimits(Map<Resource, Optional<Long>> amounts) {
    public static final ResourceLimits NONE = new ResourceLimits(Map.of());

    private static final String SUFFIXES = "kmgtpe";

    public ResourceLimits {
        amounts = amounts.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(amounts));
    }

    /**
     * With what a parameter says of one.
     *
     * @param label rctl.RESOURCE, or rctl.noRESOURCE to take its limit away
     * @param value the amount, or rctl.conf(5)'s ACTION=AMOUNT with the action deny, or throttle where Linux does that
     * @throws JailException if it can't be had
     */
    public ResourceLimits with(String label, String value) {
        int dot = label.indexOf('.') + 1;
        if (label.startsWith("no", dot) && value.isEmpty()) {
            return with(Resource.of(label.substring(0, dot) + label.substring(dot + 2)), Optional.empty());
        }
        var resource = Resource.of(label);
        if (value.isEmpty()) {
            throw new JailException(label + ": no amount");
        }
        return with(resource, Optional.of(amount(resource, value)));
    }

    private ResourceLimits with(Resource resource, Optional<Long> amount) {
        var changed = new EnumMap<Resource, Optional<Long>>(Resource.class);
        changed.putAll(amounts);
        changed.put(resource, amount);
        return new ResourceLimits(changed);
    }

    /** These, and where they are silent those. */
    public ResourceLimits over(ResourceLimits others) {
        var all = others;
        for (var entry : amounts.entrySet()) {
            all = all.with(entry.getKey(), entry.getValue());
        }
        return all;
    }

    /** The first that can't become so while a jail runs that has others. */
    public Optional<Resource> firstFixed(ResourceLimits others) {
        return amounts.keySet().stream().filter(resource -> !resource.isChangeable()
                && !amount(resource).equals(others.amount(resource))).findFirst();
    }

    /** The same resources, none of them limited. */
    public ResourceLimits lifted() {
        var lifted = NONE;
        for (var resource : amounts.keySet()) {
            lifted = lifted.with(resource, Optional.empty());
        }
        return lifted;
    }

    private static long amount(Resource resource, String value) {
        int equals = value.indexOf('=');
        if (equals >= 0) {
            requireAction(resource, value.substring(0, equals));
        }
        var text = value.substring(equals + 1);
        try {
            long amount = number(text.endsWith("/jail") ? text.substring(0, text.length() - "/jail".length()) : text);
            if (amount < resource.least()) {
                throw new JailException(resource.label() + ": less than " + resource.least());
            }
            return amount;
        } catch (NumberFormatException e) {
            throw new JailException(resource.label() + ": not an amount: \"" + text + "\"");
        }
    }

    private static void requireAction(Resource resource, String action) {
        boolean throttles = resource.controller().filter(c -> c == Controller.IO || c == Controller.CPU).isPresent();
        if (!action.equals("deny") && !(throttles && action.equals("throttle"))) {
            throw new JailException(resource.label() + ": no action but deny" + (throttles ? " or throttle" : "")
                    + ": \"" + action + "\"");
        }
    }

    /** As expand_number(3): decimal, times a power of 1024. */
    private static long number(String text) {
        int power = text.isEmpty() ? 0 : SUFFIXES.indexOf(Bytes.lowerCase(text.substring(text.length() - 1))) + 1;
        long number = 0;
        int digits = text.length() - (power > 0 ? 1 : 0);
        for (int i = 0; i < digits; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
                throw new NumberFormatException(text);
            }
            number = number * 10 + digit;
        }
        if (digits == 0 || number > Long.MAX_VALUE >> 10 * power) {
            throw new NumberFormatException(text);
        }
        return number << 10 * power;
    }

    public boolean isEmpty() {
        return amounts.isEmpty();
    }

    /** A resource's limit, if it has one. */
    public Optional<Long> amount(Resource resource) {
        return amounts.getOrDefault(resource, Optional.empty());
    }

    /** Whether a resource has or had a limit. */
    public boolean controls(Resource resource) {
        return amounts.containsKey(resource);
    }

    /** Without those that have none. */
    public ResourceLimits present() {
        var present = NONE;
        for (var resource : limited()) {
            present = present.with(resource, amount(resource));
        }
        return present;
    }

    /** The resources that have a limit. */
    Set<Resource> limited() {
        var limited = new TreeSet<Resource>();
        amounts.forEach((resource, amount) -> amount.ifPresent(a -> limited.add(resource)));
        return limited;
    }

    /** The controllers that limit any of it, or have. */
    Set<Controller> controllers() {
        var controllers = new TreeSet<Controller>();
        amounts.keySet().forEach(resource -> resource.controller().ifPresent(controllers::add));
        return controllers;
    }

    /** The lines of a jail's record. */
    String lines() {
        return format().stream().map(word -> word + (word.indexOf('=') < 0 ? "=\n" : "\n")).collect(Collectors.joining());
    }

    /** The parameters that say all of it. */
    public List<String> format() {
        return amounts.entrySet().stream().map(entry -> entry.getValue()
                .map(amount -> entry.getKey().label() + "=" + amount).orElse(entry.getKey().negation())).toList();
    }

    /** What {@link #lines} has told, among other lines. */
    static ResourceLimits parse(RecordLines record) {
        var limits = NONE;
        for (var name : record.names(Resource.PREFIX)) {
            limits = limits.with(name, record.get(name));
        }
        return limits;
    }
}
