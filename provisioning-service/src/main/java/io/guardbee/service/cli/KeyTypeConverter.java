package io.guardbee.service.cli;

import io.guardbee.hsm.key.KeyType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Key types as they are typed: {@code ec-p256}. */
final class KeyTypeConverter implements ITypeConverter<KeyType> {

  @Override
  public KeyType convert(String text) {
    return Arrays.stream(KeyType.values())
        .filter(type -> name(type).equals(text.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'"
                        + text
                        + "' is no key type; use one of "
                        + Arrays.stream(KeyType.values())
                            .map(KeyTypeConverter::name)
                            .collect(Collectors.joining(", "))));
  }

  private static String name(KeyType type) {
    return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
