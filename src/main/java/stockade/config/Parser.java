package stockade.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import stockade.config.Token.Kind;

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

    private Token token;
    private int lastError = -1;

    /** @param block what the file is included in, or null */
    Parser(String file, String text, Block block, Loader loader) {
        this.file = file;
        this.loader = loader;
        script = loader.script();
        errors = loader.errors();
        lexer = new Lexer(file, text, errors);
        if (block != null) {
            open.push(block);
        }
        around = open.size();
    }

    void parse() {
        advance();
        while (!token.is(Kind.END)) {
            switch (token.kind()) {
                case SEMICOLON -> advance();
                case WORD -> named();
                case CLOSE -> close();
                default -> fail(token);
            }
        }
        if (open.size() > around && !lexer.lacksCommentEnd()) {
            fail(token);
        }
    }

    private void advance() {
        token = lexer.next();
    }

    private void close() {
        if (open.size() > around) {
            open.pop();
        } else {
            report(token);
        }
        advance();
    }

    /** A parameter, a variable or a block: whatever starts with a name. */
    private void named() {
        var name = token;
        advance();
        if (name.word().isBroken()) {
            skip(name);
        } else if (!name.word().isName()) {
            report(name.word().second(name.end()));
            skip();
        } else if (!token.is(Kind.OPEN)) {
            statement(name);
        } else if (name.word().isVariable()) {
            fail(token);
        } else {
            advance();
            open(name);
        }
    }

    private void open(Token token) {
        var name = token.word().name();
        if (!open.isEmpty()) {
            name = open.peek().name() + "." + name;
            if (name.length() > MAX_NAME) {
                errors.add(token.position(), "name too long");
                name = name.substring(0, MAX_NAME);
            }
        }
        open.push(script.open(name, token.position()));
    }

    private void statement(Token name) {
        boolean assigns = token.is(Kind.ASSIGN);
        boolean appends = token.is(Kind.APPEND);
        if (assigns || appends) {
            advance();
        }
        var values = new ArrayList<Token>(1);
        if (assigns || appends || token.is(Kind.WORD)) {
            boolean goesOn = true;
            while (goesOn) {
                if (!token.is(Kind.WORD)) {
                    fail(token);
                    return;
                }
                values.add(token);
                advance();
                if (values.get(values.size() - 1).word().isBroken()) {
                    skip(values.get(values.size() - 1));
                    return;
                }
                goesOn = token.is(Kind.COMMA);
                if (goesOn) {
                    advance();
                }
            }
        }
        if (!token.is(Kind.SEMICOLON)) {
            fail(token);
            return;
        }
        if (!assigns && !appends && !values.isEmpty() && !name.word().isVariable()
                && name.word().name().equals(INCLUDE)) {
            include(values);
        } else {
            add(name, appends, values);
        }
        advance();
    }

    private void add(Token name, boolean appends, List<Token> values) {
        var references = new ArrayList<Reference>(0);
        var texts = new ArrayList<String>(values.size());
        for (var value : values) {
            for (var variable : value.word().variables()) {
                references.add(new Reference(texts.size(), variable.at(), script.shared(variable.name())));
            }
            texts.add(value.word().text().toString());
        }
        var shared = script.shared(name.word().name());
        var statement = new Statement(script.shared(ParameterName.key(shared)), name.word().isVariable(), appends,
                new Setting(shared, List.copyOf(texts), name.position()), List.copyOf(references));
        if (open.isEmpty()) {
            script.add(statement);
        } else {
            open.peek().statements().add(statement);
        }
    }

    private void include(List<Token> values) {
        for (var value : values) {
            if (value.word().variables().isEmpty()) {
                loader.include(value.word().text().toString(), value.position(), file, open.peek());
            } else {
                errors.add(value.position(), "variables not permitted in '" + INCLUDE + "' filename");
            }
        }
    }

    /** Reports a token that can't be where it is, and looks for where it goes on. */
    private void fail(Token unexpected) {
        report(unexpected);
        skip();
    }

    private void report(Token unexpected) {
        if (unexpected.start() != lastError) {
            lastError = unexpected.start();
            errors.add(unexpected.position(),
                    unexpected.is(Kind.END) ? "unexpected EOF" : "syntax error near " + lexer.quote(unexpected));
        }
    }

    /** Skips what is left of a statement: to its end, to that of the block it is in, or to the start of what looks like a block. */
    private void skip() {
        while (!token.is(Kind.END) && !token.is(Kind.CLOSE)) {
            var skipped = token;
            advance();
            if (skipped.is(Kind.OPEN)) {
                open.push(new Block("", skipped.position(), 0));
                return;
            }
            if (skipped.is(Kind.SEMICOLON)) {
                return;
            }
        }
    }

    /** As {@link #skip()}, but only on the line of a token that lacks its end. */
    private void skip(Token broken) {
        while (!token.is(Kind.END) && !token.is(Kind.CLOSE) && token.position().line() == broken.position().line()) {
            advance();
        }
    }
}
