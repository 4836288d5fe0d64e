package io.guardbee.pki;

import java.util.regex.Pattern;

/**
 * A device's name: 1 to 128 characters of {@code [A-Za-z0-9._:-]}, the first a letter or a digit.
 * Safe as MQTT client id, as one topic level and as a file name. Compared exactly, case included.
 */
public record DeviceId(String value) implements Comparable<DeviceId> {

  private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}");

  /**
   * Checks the grammar.
   *
   * @throws RefusedException {@link Reason#DEVICE_ID_INVALID} when the value is outside the grammar
   */
  public DeviceId {
    if (!GRAMMAR.matcher(value).matches()) {
      throw new RefusedException(
          Reason.DEVICE_ID_INVALID,
          "device id " + Quoted.of(value) + " is not a valid name",
          "use 1 to 128 of A-Z a-z 0-9 . _ : - and begin with a letter or a digit");
    }
  }

  @Override
  public int compareTo(DeviceId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
