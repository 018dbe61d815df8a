package dev.gatun.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ends work in order: the first Ctrl-C (or SIGTERM) asks for it, so that what was made is saved and no temporary file
 * stays; the second one ends the process at once.
 *
 * <p>The JDK's signals are reached by reflection: naming their class is a compiler warning that nothing suppresses.
 */
final class Interrupts implements AutoCloseable {
    private static final int SIGNAL_BASE = 128;

    private final Runnable onFirst;
    private final Map<Object, Object> previous = new LinkedHashMap<>();
    private volatile int number;

    /** Work that was ended early. */
    static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final int number;

        Interrupted(String message, int number) {
            super(message);
            this.number = number;
        }

        int exitCode() {
            return SIGNAL_BASE + number;
        }
    }

    /**
     * Handles signals until it is closed.
     *
     * @param onFirst what to do at the first; runs on a thread of its own
     */
    Interrupts(Runnable onFirst) {
        this.onFirst = onFirst;
        try {
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    Interrupts.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, args) -> {
                        return switch (method.getName()) {
                            case "handle" -> {
                                signalled(args[0]);
                                yield null;
                            }
                            case "equals" -> isSame(proxy, args[0]);
                            case "hashCode" -> System.identityHashCode(proxy);
                            default -> "Gatun's signal handler";
                        };
                    });
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Constructor<?> make = signalType.getConstructor(String.class);
            for (String name : new String[] {"INT", "TERM"}) {
                Object signal = make.newInstance(name);
                previous.put(signal, handle(signalType, handlerType, signal, handler));
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // A JVM that was started with -Xrs, or without these classes: signals then end the process.
            System.getLogger(Interrupts.class.getName())
                    .log(System.Logger.Level.WARNING, "Ctrl-C will end the process at once: " + e);
        }
    }

    @SuppressWarnings("ReferenceEquality") // what equals is for an object without state
    private static boolean isSame(Object one, Object other) {
        return one == other;
    }

    private static Object handle(Class<?> signalType, Class<?> handlerType, Object signal, Object handler)
            throws ReflectiveOperationException {
        Method method = signalType.getMethod("handle", signalType, handlerType);
        try {
            return method.invoke(null, signal, handler);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw e;
        }
    }

    private void signalled(Object signal) throws ReflectiveOperationException {
        int signalNumber = (Integer) signal.getClass().getMethod("getNumber").invoke(signal);
        request(signalNumber);
    }

    /** As a signal of that number does it. */
    void request(int signalNumber) {
        if (number != 0) {
            Runtime.getRuntime().halt(SIGNAL_BASE + signalNumber);
        }
        number = signalNumber;
        onFirst.run();
    }

    /** The number of the signal that came; 0 if none did. */
    int number() {
        return number;
    }

    /** @throws Interrupted if a signal came */
    void check() {
        check("interrupted; nothing was written");
    }

    /** @throws Interrupted with that message if a signal came */
    void check(String message) {
        if (number != 0) {
            throw new Interrupted(message, number);
        }
    }

    /** Puts back what was there before. */
    @Override
    public void close() {
        try {
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            for (Map.Entry<Object, Object> entry : previous.entrySet()) {
                handle(entry.getKey().getClass(), handlerType, entry.getKey(), entry.getValue());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the signal handlers cannot be put back", e);
        }
    }
}
