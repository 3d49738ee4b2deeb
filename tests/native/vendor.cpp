// Loads the library (argument 1), walks both classes, makes a request to the address (argument 2) with each,
// destroys one object by the export and one by delete. Status 0 only if everything was right.

#include "host.hpp"

static void walk(Object& object, const std::u16string& name) {
    WCHAR_T* extension = nullptr;
    check(object.base->RegisterExtensionAs(&extension), "RegisterExtensionAs");
    check(object.take(extension) == name, "extension name differs from class name");
    check(object.base->GetInfo() >= 2000, "GetInfo");
    long methods = object.base->GetNMethods();
    long properties = object.base->GetNProps();
    check(methods > 0 && properties > 0, "no members");
    for (long i = 0; i < methods; ++i) {
        for (long alias : {0L, 1L}) {
            auto found = object.take(object.base->GetMethodName(i, alias));
            check(object.base->FindMethod(found.c_str()) == i, "not found by name: " + narrow(found));
        }
        for (long p = 0; p < object.base->GetNParams(i); ++p) {
            tVariant value;
            tVarInit(&value);
            check(object.base->GetParamDefValue(i, p, &value), "GetParamDefValue");
            object.release(value);
        }
    }
    for (long i = 0; i < properties; ++i) {
        for (long alias : {0L, 1L}) {
            auto found = object.take(object.base->GetPropName(i, alias));
            check(object.base->FindProp(found.c_str()) == i, "not found by name: " + narrow(found));
        }
    }
    check(!object.base->GetMethodName(methods, 0) && !object.base->GetMethodName(-1, 0), "name beyond the last");
    std::printf("%s: %ld methods, %ld properties\n", narrow(name).c_str(), methods, properties);
}

int main(int count, char** values) {
    check(count == 3, "usage: vendor LIBRARY URL");
    Library library(values[1]);
    std::u16string all(reinterpret_cast<const char16_t*>(library.class_names()));
    check(all == u"HTTPConnector|HTTPSession", "class names: " + narrow(all));
    std::u16string url = widen(values[2]);
    for (const char16_t* name : {u"HTTPConnector", u"HTTPSession"}) {
        Object object(library, name);
        walk(object, name);
        tVariant status;
        check(object.call(u"get", {argument(url)}, status), "Get: " + object.told());
        check(status.vt == VTYPE_I4 && status.lVal == 200, "status of Get");
        check(object.number(u"КодСостояния") == 200, "status property");
        std::printf("%s -> %d %s\n", narrow(object.text_property(u"ResponseURL")).c_str(), status.lVal,
                    narrow(object.text(u"AsText")).c_str());
        tVariant failed;
        std::u16string nowhere = u"http://127.0.0.1:1/";
        check(!object.call(u"Get", {argument(nowhere)}, failed), "a refused connection is not an error");
        check(object.connection.errors.size() == 1 && object.connection.exception, "AddError");
        check(failed.vt == VTYPE_EMPTY, "a failed call left a result");
        std::printf("refused: %s", object.told().c_str());
        if (std::u16string(name) == u"HTTPSession") object.remove(); else object.destroy();
    }
    library.unload();
    std::printf("all right\n");
    return 0;
}
