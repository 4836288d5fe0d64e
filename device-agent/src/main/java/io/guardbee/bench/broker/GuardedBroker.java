package io.guardbee.bench.broker;

import io.guardbee.launch.RunningUp;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.nio.file.Path;
import java.util.List;

/**
 * The broker of a running {@code up}, found among its processes.
 *
 * @param flags of its Java, class path included
 */
public record GuardedBroker(ProcessHandle process, Path java, List<String> flags, Path home) {

  private static final String MAIN = "io.guardbee.broker.run.Main";

  public GuardedBroker {
    flags = List.copyOf(flags);
  }

  public static GuardedBroker of(RunningUp up) {
    ProcessHandle process =
        up.process()
            .descendants()
            .filter(child -> arguments(child).contains(MAIN))
            .findFirst()
            .orElseThrow(
                () ->
                    new RefusedException(
                        Reason.SERVICE_UNREACHABLE,
                        "the broker of guardbee up is not to be found",
                        "start this command by the launcher: ./guardbee bench"));
    List<String> arguments = arguments(process);
    return new GuardedBroker(
        process,
        Path.of(process.info().command().orElseThrow()),
        arguments.subList(0, arguments.indexOf(MAIN)),
        up.guardbee().home().resolve("broker"));
  }

  private static List<String> arguments(ProcessHandle process) {
    return process.info().arguments().map(List::of).orElse(List.of());
  }

  /** As one that is compared with others. */
  public Contender contender(RunningUp up) {
    return new Contender("Guardbee", up.endpoints().mqtts(), process);
  }
}
