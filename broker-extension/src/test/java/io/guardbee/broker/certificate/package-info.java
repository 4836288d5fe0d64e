@NullMarked
package io.guardbee.broker.certificate;

import org.jspecify.annotations.NullMarked;
