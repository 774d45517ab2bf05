#include "CVectors.h"
#include "elements.h"

CLONES void orbit_adam(
    float *parameter, const float *gradient, float *first, float *second, int64_t count,
    struct orbit_adam_constants c) {
    ELEMENTS(count, {
        vector p = READ(parameter + i), g = READ(gradient + i) + c.decay * p;
        vector m = c.beta1 * READ(first + i) + (1 - c.beta1) * g;
        vector s = c.beta2 * READ(second + i) + (1 - c.beta2) * g * g;
        WRITE(first + i, m);
        WRITE(second + i, s);
        vector root = __builtin_elementwise_sqrt(s);
        WRITE(parameter + i, c.shrink * p - c.stride * m / (root * c.root_correction + c.epsilon));
    });
}

CLONES void orbit_momentum(
    float *parameter, const float *gradient, float *velocity, int64_t count, float rate,
    float decay, float momentum, int nesterov) {
    if (nesterov)
        ELEMENTS(count, {
            vector p = READ(parameter + i), d = READ(gradient + i) + decay * p;
            vector v = momentum * READ(velocity + i) + d;
            WRITE(velocity + i, v);
            WRITE(parameter + i, p - rate * (d + momentum * v));
        });
    else
        ELEMENTS(count, {
            vector p = READ(parameter + i), d = READ(gradient + i) + decay * p;
            vector v = momentum * READ(velocity + i) + d;
            WRITE(velocity + i, v);
            WRITE(parameter + i, p - rate * v);
        });
}

CLONES void orbit_scaled_momentum(
    float *parameter, const float *gradient, float *velocity, int64_t count, float rate,
    float decay, float momentum) {
    ELEMENTS(count, {
        vector p = READ(parameter + i), d = READ(gradient + i) + decay * p;
        vector v = momentum * READ(velocity + i) + rate * d;
        WRITE(velocity + i, v);
        WRITE(parameter + i, p - v);
    });
}

CLONES void orbit_approach(float *target, const float *source, int64_t count, float share) {
    ELEMENTS(count, {
        vector t = READ(target + i);
        WRITE(target + i, t + share * (READ(source + i) - t));
    });
}
