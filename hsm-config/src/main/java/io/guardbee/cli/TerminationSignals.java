package io.guardbee.cli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.util.List;

/**
 * The signals that ask a process to end. By default they end a JVM with 128 and their number, which
 * supervisors take for a crash.
 */
public final class TerminationSignals {

  private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

  private TerminationSignals() {}

  /**
   * From now on each of these signals runs the action, on a thread of its own, and nothing else:
   * the action sees to it that the process ends. A signal that the process was started to ignore
   * stays ignored. With {@code java -Xrs} they end the process as before.
   */
  public static void handle(Runnable action) {
    for (String name : NAMES) {
      handle(name, action);
    }
  }

  /** By reflection: the compiler warns of sun.misc, and our builds take no warnings. */
  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandle run =
          MethodHandles.publicLookup()
              .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
              .bindTo(action);
      Object handling =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(run, 0, signal));
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), handling);
    } catch (InvocationTargetException e) {
      // -Xrs: this Java leaves its signals to the operating system
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java does not hand out signals", e);
    }
  }
}
