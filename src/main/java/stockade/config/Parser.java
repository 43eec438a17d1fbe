package stockade.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import stockade.config.Lexer.Kind;

/** Reads a file by the grammar of FreeBSD's jail.conf(5), usr.sbin/jail/jailparse.y. What it can't make sense of it skips. */
final class Parser {
    private static final int MAX_NAME = 255;
    private static final String INCLUDE = ".include";

    private final Loader loader;
    private final Script script;
    private final Errors errors;
    private final String file;
    private final Lexer lexer;

    /** The blocks that are open in this file, around them the one that the file is included in, if any. */
    private final Deque<Block> open = new ArrayDeque<>();
    private final int around;

    private final List<Word> values = new ArrayList<>();
    private int lastError = -1;

    /** @param block what the file is included in, or null */
    Parser(String file, String text, Block block, Loader loader) {
        this.file = file;
        this.loader = loader;
        script = loader.script();
        errors = loader.errors();
        lexer = new Lexer(file, text, errors, loader.budget());
        if (block != null) {
            open.push(block);
        }
        around = open.size();
    }

    void parse() {
        lexer.next();
        while (!lexer.is(Kind.END)) {
            switch (lexer.kind()) {
                case SEMICOLON -> lexer.next();
                case WORD -> named();
                case CLOSE -> close();
                default -> fail();
            }
        }
        if (open.size() > around && !lexer.lacksCommentEnd()) {
            fail();
        }
    }

    private void close() {
        if (open.size() > around) {
            open.pop();
        } else {
            report();
        }
        lexer.next();
    }

    /** A parameter, a variable or a block: whatever starts with a name. */
    private void named() {
        var name = lexer.word();
        lexer.next();
        if (name.isBroken()) {
            skip(name);
        } else if (!name.isName()) {
            report(name.second().start(), name.end(), name.second().position());
            skip();
        } else if (!lexer.is(Kind.OPEN)) {
            statement(name);
        } else if (name.isVariable()) {
            fail();
        } else {
            lexer.next();
            open(name);
        }
    }

    private void open(Word word) {
        var name = word.name();
        if (!open.isEmpty()) {
            name = open.peek().name() + "." + name;
            if (name.length() > MAX_NAME) {
                errors.add(word.position(), "name too long");
                name = name.substring(0, MAX_NAME);
            }
        }
        open.push(script.open(name, word.position()));
    }

    private void statement(Word name) {
        boolean assigns = lexer.is(Kind.ASSIGN);
        boolean appends = lexer.is(Kind.APPEND);
        if (assigns || appends) {
            lexer.next();
        }
        values.clear();
        if ((assigns || appends || lexer.is(Kind.WORD)) && !readValues()) {
            return;
        }
        if (!lexer.is(Kind.SEMICOLON)) {
            fail();
            return;
        }
        if (!assigns && !appends && !values.isEmpty() && !name.isVariable() && name.name().equals(INCLUDE)) {
            include(List.copyOf(values));
        } else {
            add(name, appends);
        }
        lexer.next();
    }

    /** Reads strings with commas between. Returns whether they were. */
    private boolean readValues() {
        while (lexer.is(Kind.WORD)) {
            var value = lexer.word();
            loader.budget().take(Budget.VALUE + Budget.string(value.text().length()));
            values.add(value);
            lexer.next();
            if (value.isBroken()) {
                skip(value);
                return false;
            }
            if (!lexer.is(Kind.COMMA)) {
                return true;
            }
            lexer.next();
        }
        fail();
        return false;
    }

    private void add(Word name, boolean appends) {
        loader.budget().take(Budget.STATEMENT);
        List<Reference> references = List.of();
        var texts = new String[values.size()];
        for (int i = 0; i < texts.length; i++) {
            var value = values.get(i);
            texts[i] = value.text();
            if (!value.variables().isEmpty() && references.isEmpty()) {
                references = new ArrayList<>(1);
            }
            for (var variable : value.variables()) {
                references.add(new Reference(i, variable.at(), script.name(variable.name())));
            }
        }
        var shared = script.name(name.name());
        var statement = new Statement(shared, name.isVariable(), appends,
                new Setting(shared.text(), List.of(texts), name.position()), references);
        if (open.isEmpty()) {
            script.add(statement);
        } else {
            open.peek().statements().add(statement);
        }
    }

    private void include(List<Word> words) {
        for (var word : words) {
            if (word.variables().isEmpty()) {
                loader.include(word.text(), word.position(), file, open.peek());
            } else {
                errors.add(word.position(), "variables not permitted in '" + INCLUDE + "' filename");
            }
        }
    }

    /** Reports the token, which can't be where it is, and looks for where it goes on. */
    private void fail() {
        report();
        skip();
    }

    private void report() {
        report(lexer.start(), lexer.end(), lexer.startPosition());
    }

    private void report(int start, int end, Position position) {
        if (start != lastError) {
            lastError = start;
            errors.add(position, start == end ? "unexpected EOF" : "syntax error near " + lexer.quote(start, end));
        }
    }

    /** Skips what is left of a statement: to its end, to that of the block it is in, or to the start of what looks like a block. */
    private void skip() {
        while (!lexer.is(Kind.END) && !lexer.is(Kind.CLOSE)) {
            var skipped = lexer.kind();
            lexer.next();
            if (skipped == Kind.OPEN) {
                open.push(new Block("", lexer.startPosition(), 0));
                return;
            }
            if (skipped == Kind.SEMICOLON) {
                return;
            }
        }
    }

    /** As {@link #skip()}, but only on the line of a word that lacks its end. */
    private void skip(Word broken) {
        while (!lexer.is(Kind.END) && !lexer.is(Kind.CLOSE)
                && lexer.startPosition().line() == broken.position().line()) {
            lexer.next();
        }
    }
}
