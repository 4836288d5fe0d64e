@NullMarked
package io.guardbee.service.up;

import org.jspecify.annotations.NullMarked;
