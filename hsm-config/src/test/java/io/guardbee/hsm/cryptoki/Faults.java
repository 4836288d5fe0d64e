package io.guardbee.hsm.cryptoki;

import iaik.pkcs.pkcs11.wrapper.PKCS11;
import iaik.pkcs.pkcs11.wrapper.PKCS11Exception;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands between Guardbee and a real module and makes its functions fail, as modules do. Everything
 * that is not told to fail reaches the module.
 */
public final class Faults implements AutoCloseable {

  /** What happens in place of, or with the result of, a function. */
  public interface Fault {
    /** Takes what the module gave and says what the caller gets. */
    Object instead(Object[] arguments, Object result) throws PKCS11Exception;
  }

  private final Cryptoki cryptoki;
  private final Map<String, Fault> faults = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

  private Faults(Cryptoki cryptoki) {
    this.cryptoki = cryptoki;
  }

  public static Faults in(Cryptoki cryptoki) {
    Faults faults = new Faults(cryptoki);
    cryptoki.interpose(
        module ->
            (PKCS11)
                Proxy.newProxyInstance(
                    Faults.class.getClassLoader(),
                    new Class<?>[] {PKCS11.class},
                    (proxy, method, arguments) -> faults.call(module, method, arguments)));
    return faults;
  }

  private @Nullable Object call(PKCS11 module, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("finalize")) {
      return null; // of this proxy: the module's own would disconnect it
    }
    calls.computeIfAbsent(method.getName(), any -> new AtomicInteger()).incrementAndGet();
    Object result;
    try {
      result = method.invoke(module, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    Fault fault = faults.get(method.getName());
    return fault == null ? result : fault.instead(arguments, result);
  }

  /** Makes the function return that code, that many times. */
  public Faults fail(String function, long code, int times) {
    AtomicInteger left = new AtomicInteger(times);
    return alter(
        function,
        (arguments, result) -> {
          if (left.getAndDecrement() > 0) {
            throw new PKCS11Exception(code);
          }
          return result;
        });
  }

  public Faults alter(String function, Fault fault) {
    faults.put(function, fault);
    return this;
  }

  /** The module is well again. */
  public void end() {
    faults.clear();
  }

  public int calls(String function) {
    return calls.getOrDefault(function, new AtomicInteger()).get();
  }

  @Override
  public void close() {
    cryptoki.interpose(module -> module);
  }
}
