package io.guardbee.broker.bench;

import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program that {@code guardbee bench door} starts for figures that need no broker. Prints one
 * JSON object: for a decision its nanoseconds and octets allocated, for the index its nanoseconds,
 * for the race its counts.
 *
 * <p>{@code decision FOLDER SECONDS}, {@code index FOLDER SECONDS ENTRIES}, {@code race TRIES}; the
 * folder holds {@code issuing.pem}, {@code devices.pem} and {@code policy.yaml}.
 */
public final class Micro {

  /** The system property that tells a fork of JMH where to read. */
  static final String FOLDER = "guardbee.bench.folder";

  private Micro() {}

  public static void main(String[] args) throws Exception {
    Map<String, Object> figures =
        switch (args[0]) {
          case "decision" -> DecisionTimes.measure(Path.of(args[1]), Double.parseDouble(args[2]));
          case "index" ->
              IndexTimes.measure(
                  Decision.read(Path.of(args[1])),
                  Double.parseDouble(args[2]),
                  Integer.parseInt(args[3]));
          case "race" -> RaceTries.run(Integer.parseInt(args[1]));
          default -> throw new IllegalArgumentException(args[0]);
        };
    System.out.println(JsonMapper.builder().build().writeValueAsString(figures));
  }
}
