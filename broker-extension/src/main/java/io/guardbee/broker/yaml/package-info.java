/** YAML read strictly: what is not known is refused, with its place in the file. */
@NullMarked
package io.guardbee.broker.yaml;

import org.jspecify.annotations.NullMarked;
